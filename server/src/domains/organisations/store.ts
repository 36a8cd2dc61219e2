// The SQL of organisations and apps.

import { type AppId, toUuid } from "../../kernel/ids.ts";
import {
  appStatement,
  type OrganisationTx,
  organisationStatement,
  systemStatement,
  type TenantTx,
} from "../../platform/db/index.ts";

export const hasOrganisationsSql = systemStatement<{ found: boolean }>(
  "organisations.has_any",
  "select found from parley_has_organisations()",
);

/** Answers whether nobody lives here, and keeps everybody else from asking until the transaction ends. */
export const beginSetUpSql = systemStatement<{ is_empty: boolean }>(
  "organisations.begin_set_up",
  "select is_empty from parley_begin_set_up()",
);

export const isEmptySql = systemStatement<{ is_empty: boolean }>(
  "organisations.is_empty",
  "select is_empty from parley_is_empty()",
);

const insertOrganisationSql = organisationStatement<never>(
  "organisations.insert_organisation",
  "insert into organisations (organisation_id, name) values ($1, $2)",
);

export async function insertOrganisation(tx: OrganisationTx, name: string): Promise<void> {
  await tx.query(insertOrganisationSql, [name]);
}

const insertAppSql = organisationStatement<never>(
  "organisations.insert_app",
  "insert into apps (organisation_id, app_id, name) values ($1, $2, $3)",
);

export async function insertApp(tx: OrganisationTx, appId: AppId, name: string): Promise<void> {
  await tx.query(insertAppSql, [toUuid(appId), name]);
}

const bumpRevisionSql = appStatement<{ revision: string; noticed: string }>(
  "organisations.bump_revision",
  `update apps set configuration_revision = configuration_revision + 1 where organisation_id = $1 and app_id = $2
   returning configuration_revision as revision, pg_notify('parley_configuration', app_id::text)`,
);

/**
 * Says that the app's channels, trees or webhook endpoints changed, in the transaction that changes them. Every process
 * compares the revision or hears the notice, and reads its copy again.
 */
export async function bumpRevision(tx: TenantTx): Promise<void> {
  await tx.query(bumpRevisionSql);
}

/** The organisation of an app that a person belongs to. */
export const findAppOrganisationSql = systemStatement<{ organisation_id: string }>(
  "organisations.find_app_organisation",
  "select organisation_id from parley_find_app_organisation($1, $2)",
);

/** The organisations a person is a user of, disabled or not. */
export const listEnrolmentsSql = systemStatement<{ organisation_id: string }>(
  "organisations.list_enrolments",
  "select organisation_id from parley_list_enrolments($1)",
);

const isAppSql = organisationStatement<{ app_id: string }>(
  "organisations.is_app",
  "select app_id from apps where organisation_id = $1 and app_id = $2",
);

/** Answers whether the organisation has such an app. */
export async function isApp(tx: OrganisationTx, appId: AppId): Promise<boolean> {
  return (await tx.query(isAppSql, [toUuid(appId)])).length > 0;
}

const isClosedSql = appStatement<{ is_closed: boolean }>(
  "organisations.is_closed",
  `select (a.suspended_at is not null or a.delete_after is not null
     or o.suspended_at is not null or o.delete_after is not null) as is_closed
   from apps a join organisations o on o.organisation_id = $1 where a.organisation_id = $1 and a.app_id = $2`,
);

/** Answers whether the transaction's app, or its organisation, is suspended or will be deleted. */
export async function isClosed(tx: TenantTx): Promise<boolean> {
  return (await tx.query(isClosedSql))[0]?.is_closed !== false;
}
