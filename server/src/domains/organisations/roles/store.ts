// The SQL of custom roles.

import { fromUuid, type RoleId, toUuid } from "../../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement } from "../../../platform/db/index.ts";

export interface StoredRole {
  readonly roleId: RoleId;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly createdAt: Date;
}

interface RoleRow {
  role_id: string;
  name: string;
  permissions: string[];
  created_at: Date;
}

function toRole(row: RoleRow): StoredRole {
  const { name, permissions, created_at: createdAt } = row;
  return { roleId: fromUuid("role", row.role_id), name, permissions, createdAt };
}

const columns = "role_id, name, permissions, created_at";

const listRolesSql = organisationStatement<RoleRow>(
  "organisations.list_roles",
  `select ${columns} from roles where organisation_id = $1 order by role_id limit 1000`,
);

/** The organisation's custom roles, oldest first. */
export async function listRoles(tx: OrganisationTx): Promise<StoredRole[]> {
  return (await tx.query(listRolesSql)).map(toRole);
}

const findRoleSql = organisationStatement<RoleRow>(
  "organisations.find_role",
  `select ${columns} from roles where organisation_id = $1 and role_id = $2`,
);

export async function findRole(tx: OrganisationTx, roleId: RoleId): Promise<StoredRole | undefined> {
  const row = (await tx.query(findRoleSql, [toUuid(roleId)]))[0];
  return row === undefined ? undefined : toRole(row);
}

const insertRoleSql = organisationStatement<never>(
  "organisations.insert_role",
  "insert into roles (organisation_id, role_id, name, permissions) values ($1, $2, $3, $4)",
);

export async function insertRole(
  tx: OrganisationTx,
  role: { roleId: RoleId; name: string; permissions: readonly string[] },
): Promise<void> {
  await tx.query(insertRoleSql, [toUuid(role.roleId), role.name, role.permissions]);
}

const updateRoleSql = organisationStatement<never>(
  "organisations.update_role",
  "update roles set name = $3, permissions = $4 where organisation_id = $1 and role_id = $2",
);

export async function updateRole(
  tx: OrganisationTx,
  role: { roleId: RoleId; name: string; permissions: readonly string[] },
): Promise<void> {
  await tx.query(updateRoleSql, [toUuid(role.roleId), role.name, role.permissions]);
}

const deleteRoleSql = organisationStatement<{ role_id: string }>(
  "organisations.delete_role",
  "delete from roles where organisation_id = $1 and role_id = $2 returning role_id",
);

export async function deleteRole(tx: OrganisationTx, roleId: RoleId): Promise<void> {
  await tx.query(deleteRoleSql, [toUuid(roleId)]);
}

const isUsedSql = organisationStatement<{ used: boolean }>(
  "organisations.is_role_used",
  `select exists (select from grants g where g.organisation_id = $1 and g.role_id = $2)
     or exists (select from invitations i where i.organisation_id = $1 and i.accepted_at is null
       and i.revoked_at is null and i.expires_at > now()
       and i.grants @> jsonb_build_array(jsonb_build_object('role', $3::text))) as used`,
);

/** Answers whether somebody holds the role or is invited to it. */
export async function isRoleUsed(tx: OrganisationTx, roleId: RoleId): Promise<boolean> {
  return (await tx.query(isUsedSql, [toUuid(roleId), roleId]))[0]?.used === true;
}
