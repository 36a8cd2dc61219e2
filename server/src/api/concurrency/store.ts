// The SQL of optimistic concurrency: one lock a thing, held until the transaction ends.

import {
  appStatement,
  type OrganisationTx,
  organisationStatement,
  type TenantTx,
  type UserTx,
  userStatement,
} from "../../platform/db/index.ts";

const lockInAppSql = appStatement<never>(
  "concurrency.lock_in_app",
  `select pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'thing', k.organisation_id, k.app_id, k.thing), 0))
   from (values ($1::uuid, $2::uuid, $3::text)) as k (organisation_id, app_id, thing)`,
);

const lockInOrganisationSql = organisationStatement<never>(
  "concurrency.lock_in_organisation",
  `select pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'thing', k.organisation_id, k.thing), 0))
   from (values ($1::uuid, $2::text)) as k (organisation_id, thing)`,
);

const lockOfUserSql = userStatement<never>(
  "concurrency.lock_of_user",
  `select pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'thing', k.user_id, k.thing), 0))
   from (values ($1::uuid, $2::text)) as k (user_id, thing)`,
);

/** Waits until no other change of this thing that asked for the same is under way. */
export async function lockThing(tx: TenantTx | OrganisationTx | UserTx, thing: string): Promise<void> {
  if ("tenant" in tx) await tx.query(lockInAppSql, [thing]);
  else if ("userId" in tx) await tx.query(lockOfUserSql, [thing]);
  else await tx.query(lockInOrganisationSql, [thing]);
}
