// Deletes for good what was deleted seven days ago. Row by row in batches, each a transaction of its own inside the tenant,
// so that nothing else waits; whatever is interrupted goes on with the next run. Keys go too: copies of the rows in old
// backups cannot be read any more.

import { type AppId, fromUuid, type OrganisationId, toUuid } from "../../../kernel/ids.ts";
import type { Database } from "../../../platform/db/index.ts";
import type { Logger } from "../../../platform/log/log.ts";
import { forgetOrganisationSecretsSql, listDueDeletionsSql, purgeAppRows, purgeOrganisationRows } from "./store.ts";

const actor = { kind: "system", job: "purge" } as const;
const tenantsAtOnce = 100;

export interface PurgeOptions {
  readonly database: Pick<Database, "withTenant" | "withOrganisation" | "lookUp">;
  readonly log: Pick<Logger, "info" | "error">;
  /** Rows of one table in one transaction; 1,000 unless said. */
  readonly batchRows?: number;
}

export interface Purged {
  readonly apps: number;
  readonly organisations: number;
  readonly rows: number;
  /** Tenants that could not be purged, and will be tried again. */
  readonly failed: number;
}

/** Runs `step` until it has nothing left to delete. Returns how many rows that was. */
async function repeat(step: () => Promise<number>): Promise<number> {
  for (let rows = 0; ; ) {
    const purged = await step();
    if (purged === 0) return rows;
    rows += purged;
  }
}

function purgeApp(options: PurgeOptions, organisationId: OrganisationId, appId: AppId): Promise<number> {
  const { database, batchRows = 1_000 } = options;
  return repeat(() =>
    database.withTenant(actor, { organisationId, appId }, (tx) => purgeAppRows(tx.organisation, appId, batchRows)),
  );
}

async function purgeOrganisation(options: PurgeOptions, organisationId: OrganisationId): Promise<number> {
  const { database, batchRows = 1_000 } = options;
  await database.lookUp(forgetOrganisationSecretsSql, [toUuid(organisationId)]);
  return repeat(() => database.withOrganisation(actor, organisationId, (tx) => purgeOrganisationRows(tx, batchRows)));
}

/**
 * Deletes every row of the organisations and apps whose time to be taken back is over, for good. Any number of processes
 * may do so at once. A tenant that fails is logged and left for the next run.
 */
export async function purgeDeleted(options: PurgeOptions): Promise<Purged> {
  const purged = { apps: 0, organisations: 0, rows: 0, failed: 0 };
  const rows = await options.database.lookUp(listDueDeletionsSql, [tenantsAtOnce]);
  const organisations = new Set(rows.map((row) => fromUuid("organisation", row.organisation_id)));
  const count = async (kind: "apps" | "organisations", work: Promise<number>): Promise<void> => {
    const deleted = await work.catch((error: unknown) => {
      options.log.error({ error, kind }, "what was deleted could not be purged");
      purged.failed += 1;
      return 0;
    });
    purged.rows += deleted;
    if (deleted > 0) purged[kind] += 1;
  };
  for (const { organisation_id: organisation, app_id: app } of rows) {
    if (app === null) continue;
    await count("apps", purgeApp(options, fromUuid("organisation", organisation), fromUuid("app", app)));
  }
  for (const organisationId of organisations) await count("organisations", purgeOrganisation(options, organisationId));
  if (purged.rows > 0) options.log.info(purged, "purged what was deleted");
  return purged;
}
