// The SQL of where a person stands: their part in one organisation, and its apps.

import { type AppId, fromUuid, type RoleId, toUuid, type UserId } from "../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement } from "../../platform/db/index.ts";

export interface StoredApp {
  readonly appId: AppId;
  readonly name: string;
  readonly createdAt: Date;
  readonly suspendedAt: Date | undefined;
  readonly deleteAfter: Date | undefined;
}

interface AppRow {
  app_id: string;
  name: string;
  created_at: Date;
  suspended_at: Date | null;
  delete_after: Date | null;
}

function toApp(row: AppRow): StoredApp {
  return {
    appId: fromUuid("app", row.app_id),
    name: row.name,
    createdAt: row.created_at,
    suspendedAt: row.suspended_at ?? undefined,
    deleteAfter: row.delete_after ?? undefined,
  };
}

const appColumns = "app_id, name, created_at, suspended_at, delete_after";

const listAppsSql = organisationStatement<AppRow>(
  "organisations.list_apps",
  `select ${appColumns} from apps where organisation_id = $1 order by app_id limit 1000`,
);

/** The organisation's apps, oldest first. */
export async function listApps(tx: OrganisationTx): Promise<StoredApp[]> {
  return (await tx.query(listAppsSql)).map(toApp);
}

const findAppSql = organisationStatement<AppRow>(
  "organisations.find_app",
  `select ${appColumns} from apps where organisation_id = $1 and app_id = $2`,
);

export async function findApp(tx: OrganisationTx, appId: AppId): Promise<StoredApp | undefined> {
  const row = (await tx.query(findAppSql, [toUuid(appId)]))[0];
  return row === undefined ? undefined : toApp(row);
}

const readNameSql = organisationStatement<{ name: string }>(
  "organisations.read_name",
  "select name from organisations where organisation_id = $1",
);

/** The organisation's name; empty when it is gone. */
export async function readOrganisationName(tx: OrganisationTx): Promise<string> {
  return (await tx.query(readNameSql))[0]?.name ?? "";
}

const listRoleNamesSql = organisationStatement<{ role_id: string; name: string }>(
  "organisations.list_role_names",
  `select r.role_id, r.name from roles r where r.organisation_id = $1 and exists (select from grants g
     where g.organisation_id = $1 and g.user_id = $2 and g.role_id = r.role_id)`,
);

/** The names of the custom roles a person holds here. */
export async function listRoleNames(tx: OrganisationTx, userId: UserId): Promise<ReadonlyMap<RoleId, string>> {
  const rows = await tx.query(listRoleNamesSql, [toUuid(userId)]);
  return new Map(rows.map((row) => [fromUuid("role", row.role_id), row.name]));
}
