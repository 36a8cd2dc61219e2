// The SQL of grants, and of the lock under which they change.

import { type AppId, type ChannelId, fromUuid, type RoleId, toUuid, type UserId } from "../../../kernel/ids.ts";
import { newId } from "../../../platform/crypto/random.ts";
import { type OrganisationTx, organisationStatement } from "../../../platform/db/index.ts";
import type { BuiltInRole } from "../rights/catalogue.ts";
import type { Grant } from "../rights/rights.ts";

const lockSql = organisationStatement<{ organisation_id: string }>(
  "organisations.lock",
  "select organisation_id from organisations where organisation_id = $1 for no key update",
);

/**
 * Waits until nobody else changes who may do what in this organisation; what is read afterwards stays so until the commit.
 * Keys that point to the organisation can be made meanwhile.
 */
export async function lockRights(tx: OrganisationTx): Promise<void> {
  await tx.query(lockSql);
}

interface GrantRow {
  in_app_id: string | null;
  built_in_role: BuiltInRole | null;
  role_id: string | null;
  permissions: string[] | null;
  channel_ids: string[] | null;
}

const listGrantsSql = organisationStatement<GrantRow>(
  "organisations.list_grants",
  `select g.in_app_id, g.built_in_role, g.role_id, r.permissions, g.channel_ids::text[]
   from grants g left join roles r on r.organisation_id = $1 and r.role_id = g.role_id
   where g.organisation_id = $1 and g.user_id = $2`,
);

/** What somebody holds, active or not. */
export async function listGrants(tx: OrganisationTx, userId: UserId): Promise<Grant[]> {
  const rows = await tx.query(listGrantsSql, [toUuid(userId)]);
  return rows.map((row) => ({
    appId: row.in_app_id === null ? undefined : fromUuid("app", row.in_app_id),
    role:
      row.built_in_role === null
        ? { roleId: fromUuid("role", row.role_id ?? ""), permissions: row.permissions ?? [] }
        : { builtIn: row.built_in_role },
    channelIds: row.channel_ids?.map((uuid): ChannelId => fromUuid("channel", uuid)),
  }));
}

const deleteGrantsSql = organisationStatement<never>(
  "organisations.delete_grants",
  "delete from grants where organisation_id = $1 and user_id = $2",
);

const insertGrantSql = organisationStatement<never>(
  "organisations.insert_grant",
  `insert into grants (organisation_id, grant_id, user_id, in_app_id, built_in_role, role_id, channel_ids)
   values ($1, $2, $3, $4, $5, $6, $7::uuid[])`,
);

function toValues(userId: UserId, { appId, role, channelIds }: Grant): Parameters<OrganisationTx["query"]>[1] {
  const builtIn = "builtIn" in role ? role.builtIn : null;
  const roleId = "builtIn" in role ? null : toUuid(role.roleId);
  const app = appId === undefined ? null : toUuid(appId);
  return [toUuid(newId("grant")), toUuid(userId), app, builtIn, roleId, channelIds?.map(toUuid) ?? null];
}

/** Replaces all that somebody holds. */
export async function replaceGrants(tx: OrganisationTx, userId: UserId, grants: readonly Grant[]): Promise<void> {
  await tx.query(deleteGrantsSql, [toUuid(userId)]);
  for (const grant of grants) await tx.query(insertGrantSql, toValues(userId, grant));
}

const hasOwnerSql = organisationStatement<{ found: boolean }>(
  "organisations.has_owner",
  `select exists (select from grants g join organisation_users m on m.organisation_id = $1 and m.user_id = g.user_id
     where g.organisation_id = $1 and g.built_in_role = 'owner' and m.status = 'active') as found`,
);

/** Answers whether anybody active owns the organisation. */
export async function hasOwner(tx: OrganisationTx): Promise<boolean> {
  return (await tx.query(hasOwnerSql))[0]?.found === true;
}

const findPlacesSql = organisationStatement<{ apps: string[]; roles: { role_id: string; permissions: string[] }[] }>(
  "organisations.find_grant_places",
  `select array(select a.app_id::text from apps a where a.organisation_id = $1 and a.app_id = any($2::uuid[])) as apps,
     coalesce((select json_agg(json_build_object('role_id', r.role_id, 'permissions', r.permissions))
       from roles r where r.organisation_id = $1 and r.role_id = any($3::uuid[])), '[]') as roles`,
);

/** Which of these apps and custom roles the organisation has, with what the roles are made of. */
export async function findGrantPlaces(
  tx: OrganisationTx,
  wanted: { appIds: readonly AppId[]; roleIds: readonly RoleId[] },
): Promise<{ appIds: ReadonlySet<AppId>; roles: ReadonlyMap<RoleId, readonly string[]> }> {
  const row = (await tx.query(findPlacesSql, [wanted.appIds.map(toUuid), wanted.roleIds.map(toUuid)]))[0];
  return {
    appIds: new Set(row?.apps.map((uuid) => fromUuid("app", uuid))),
    roles: new Map(row?.roles.map((role) => [fromUuid("role", role.role_id), role.permissions])),
  };
}

const listHoldersSql = organisationStatement<{ user_id: string; email: Buffer }>(
  "organisations.list_holders",
  `select m.user_id, m.email from organisation_users m where m.organisation_id = $1 and m.status = 'active'
   and exists (select from grants g where g.organisation_id = $1 and g.user_id = m.user_id
     and g.in_app_id is null and g.built_in_role = any($2::text[])) limit 100`,
);

/** The active holders of built-in roles in the whole organisation, with their sealed addresses. */
export async function listHolders(
  tx: OrganisationTx,
  roles: readonly BuiltInRole[],
): Promise<{ userId: UserId; email: Buffer }[]> {
  const rows = await tx.query(listHoldersSql, [roles]);
  return rows.map((row) => ({ userId: fromUuid("user", row.user_id), email: row.email }));
}
