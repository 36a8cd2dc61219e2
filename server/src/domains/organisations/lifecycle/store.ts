// The SQL of changing, suspending and deleting organisations and apps. Every end can be taken back for seven days.

import { type AppId, toUuid } from "../../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement, systemStatement } from "../../../platform/db/index.ts";

export type FactorPolicy = "optional" | "required" | "phishing_resistant";

export interface StoredOrganisation {
  readonly name: string;
  readonly createdAt: Date;
  readonly suspendedAt: Date | undefined;
  readonly deleteAfter: Date | undefined;
  readonly factorPolicy: FactorPolicy;
  readonly factorGraceUntil: Date | undefined;
  readonly sessionIdleMinutes: number;
  readonly sessionHours: number;
  readonly adminIdleMinutes: number;
  readonly adminSessionHours: number;
  readonly tokenDaysMax: number;
}

interface OrganisationRow {
  name: string;
  created_at: Date;
  suspended_at: Date | null;
  delete_after: Date | null;
  factor_policy: FactorPolicy;
  factor_grace_until: Date | null;
  session_idle_minutes: number;
  session_hours: number;
  admin_idle_minutes: number;
  admin_session_hours: number;
  token_days_max: number;
}

const readSql = organisationStatement<OrganisationRow>(
  "organisations.read",
  `select name, created_at, suspended_at, delete_after, factor_policy, factor_grace_until, session_idle_minutes,
     session_hours, admin_idle_minutes, admin_session_hours, token_days_max
   from organisations where organisation_id = $1`,
);

export async function readOrganisation(tx: OrganisationTx): Promise<StoredOrganisation | undefined> {
  const row = (await tx.query(readSql))[0];
  if (row === undefined) return undefined;
  return {
    name: row.name,
    createdAt: row.created_at,
    suspendedAt: row.suspended_at ?? undefined,
    deleteAfter: row.delete_after ?? undefined,
    factorPolicy: row.factor_policy,
    factorGraceUntil: row.factor_grace_until ?? undefined,
    sessionIdleMinutes: row.session_idle_minutes,
    sessionHours: row.session_hours,
    adminIdleMinutes: row.admin_idle_minutes,
    adminSessionHours: row.admin_session_hours,
    tokenDaysMax: row.token_days_max,
  };
}

const renameSql = organisationStatement<never>(
  "organisations.rename",
  "update organisations set name = $2 where organisation_id = $1",
);

export async function renameOrganisation(tx: OrganisationTx, name: string): Promise<void> {
  await tx.query(renameSql, [name]);
}

export interface PolicyChange {
  readonly factorPolicy?: FactorPolicy | undefined;
  /** Days from now in which whoever lacks the factor may still work. */
  readonly factorGraceDays?: number | undefined;
  readonly sessionIdleMinutes?: number | undefined;
  readonly sessionHours?: number | undefined;
  readonly adminIdleMinutes?: number | undefined;
  readonly adminSessionHours?: number | undefined;
  readonly tokenDaysMax?: number | undefined;
}

// A grace belongs to the policy it was given with: another policy without one begins at once.
const changePolicySql = organisationStatement<never>(
  "organisations.change_policy",
  `update organisations set factor_policy = coalesce($2, factor_policy),
     factor_grace_until = case when $3::integer is not null then now() + make_interval(days => $3)
       when $2 is distinct from factor_policy and $2 is not null then null else factor_grace_until end,
     session_idle_minutes = coalesce($4, session_idle_minutes), session_hours = coalesce($5, session_hours),
     admin_idle_minutes = coalesce($6, admin_idle_minutes), admin_session_hours = coalesce($7, admin_session_hours),
     token_days_max = coalesce($8, token_days_max)
   where organisation_id = $1`,
);

/** Changes what is given and leaves the rest. */
export async function changePolicy(tx: OrganisationTx, change: PolicyChange): Promise<void> {
  await tx.query(changePolicySql, [
    change.factorPolicy ?? null,
    change.factorGraceDays ?? null,
    change.sessionIdleMinutes ?? null,
    change.sessionHours ?? null,
    change.adminIdleMinutes ?? null,
    change.adminSessionHours ?? null,
    change.tokenDaysMax ?? null,
  ]);
}

const suspendSql = organisationStatement<never>(
  "organisations.suspend",
  `update organisations set suspended_at = case when $2::boolean then coalesce(suspended_at, now()) end
   where organisation_id = $1`,
);

/** Suspends the organisation, or ends that. */
export async function setOrganisationSuspended(tx: OrganisationTx, isSuspended: boolean): Promise<void> {
  await tx.query(suspendSql, [isSuspended]);
}

const markDeletedSql = organisationStatement<{ delete_after: Date }>(
  "organisations.mark_deleted",
  `update organisations set delete_after = now() + make_interval(days => $2)
   where organisation_id = $1 and delete_after is null returning delete_after`,
);

/** When it will be deleted; undefined when that was decided before. */
export async function markOrganisationDeleted(tx: OrganisationTx, days: number): Promise<Date | undefined> {
  return (await tx.query(markDeletedSql, [days]))[0]?.delete_after;
}

const keepSql = organisationStatement<{ organisation_id: string }>(
  "organisations.keep",
  `update organisations set delete_after = null
   where organisation_id = $1 and delete_after > now() returning organisation_id`,
);

/** Takes a deletion back. Answers whether there was one and its time is not over. */
export async function keepOrganisation(tx: OrganisationTx): Promise<boolean> {
  return (await tx.query(keepSql)).length > 0;
}

const renameAppSql = organisationStatement<never>(
  "organisations.rename_app",
  "update apps set name = $3 where organisation_id = $1 and app_id = $2",
);

export async function renameApp(tx: OrganisationTx, appId: AppId, name: string): Promise<void> {
  await tx.query(renameAppSql, [toUuid(appId), name]);
}

const suspendAppSql = organisationStatement<never>(
  "organisations.suspend_app",
  `update apps set suspended_at = case when $3::boolean then coalesce(suspended_at, now()) end
   where organisation_id = $1 and app_id = $2`,
);

export async function setAppSuspended(tx: OrganisationTx, appId: AppId, isSuspended: boolean): Promise<void> {
  await tx.query(suspendAppSql, [toUuid(appId), isSuspended]);
}

const markAppDeletedSql = organisationStatement<{ delete_after: Date }>(
  "organisations.mark_app_deleted",
  `update apps set delete_after = now() + make_interval(days => $3)
   where organisation_id = $1 and app_id = $2 and delete_after is null returning delete_after`,
);

export async function markAppDeleted(tx: OrganisationTx, appId: AppId, days: number): Promise<Date | undefined> {
  return (await tx.query(markAppDeletedSql, [toUuid(appId), days]))[0]?.delete_after;
}

const keepAppSql = organisationStatement<{ app_id: string }>(
  "organisations.keep_app",
  `update apps set delete_after = null
   where organisation_id = $1 and app_id = $2 and delete_after > now() returning app_id`,
);

export async function keepApp(tx: OrganisationTx, appId: AppId): Promise<boolean> {
  return (await tx.query(keepAppSql, [toUuid(appId)])).length > 0;
}

const notifySql = organisationStatement<{ noticed: string }>(
  "organisations.notify",
  `update apps set configuration_revision = configuration_revision + 1
   where organisation_id = $1 and ($2::uuid is null or app_id = $2)
   returning pg_notify('parley_configuration', app_id::text) as noticed`,
);

/** Makes every process read the configuration of one app, or of all, again: whether they take messages in changed. */
export async function notifyApps(tx: OrganisationTx, appId: AppId | undefined): Promise<void> {
  await tx.query(notifySql, [appId === undefined ? null : toUuid(appId)]);
}

/** What is to be deleted for good; without an app, the organisation itself. */
export const listDueDeletionsSql = systemStatement<{ organisation_id: string; app_id: string | null }>(
  "organisations.list_due_deletions",
  "select organisation_id, app_id from parley_list_due_deletions($1)",
);

const purgeAppSql = organisationStatement<{ purged: string }>(
  "organisations.purge_app",
  "select purged from parley_purge_app(organisation_id => $1, app_id => $2, most => $3)",
);

/** Deletes at most so many rows of an app whose time is over. 0: nothing is left. */
export async function purgeAppRows(tx: OrganisationTx, appId: AppId, most: number): Promise<number> {
  return Number((await tx.query(purgeAppSql, [toUuid(appId), most]))[0]?.purged ?? 0);
}

const purgeOrganisationSql = organisationStatement<{ purged: string }>(
  "organisations.purge_organisation",
  "select purged from parley_purge_organisation(organisation_id => $1, most => $2)",
);

export async function purgeOrganisationRows(tx: OrganisationTx, most: number): Promise<number> {
  return Number((await tx.query(purgeOrganisationSql, [most]))[0]?.purged ?? 0);
}

/** Ends links that lead to an organisation whose time is over. */
export const forgetOrganisationSecretsSql = systemStatement<{ purged: string }>(
  "organisations.forget_secrets",
  "select purged from parley_forget_organisation_secrets($1)",
);
