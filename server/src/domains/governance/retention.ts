// Removes what has outlived its purpose: a job every hour, which goes through the apps page by page, entering each in turn.
// Each page is a job of its own, so a process that dies is taken over where it was.

import { z } from "zod";
import { isError } from "../../kernel/errors.ts";
import { idOf } from "../../kernel/id-schema.ts";
import { type AppId, fromUuid, type Tenant, toUuid } from "../../kernel/ids.ts";
import { type Database, databaseErrors, type TenantTx } from "../../platform/db/index.ts";
import type { Job, Jobs } from "../../platform/jobs/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import { listAppsSql } from "./store.ts";

const hourly = "17 * * * *";
const usualPageSize = 200;
const actor = { kind: "system", job: "retention" } as const;

/** Removes what is too old of one app; returns how many rows that was. */
export interface RetentionTask {
  readonly name: string;
  run(tx: TenantTx): Promise<number>;
}

export interface RetentionOptions {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly log: Logger;
  readonly tasks: readonly RetentionTask[];
  readonly pageSize?: number;
}

/** The page of apps behind this one; the first when undefined. */
export interface RetentionPayload {
  readonly after?: AppId | undefined;
}

/** Declares the job and its schedule. */
export function createRetention(options: RetentionOptions): Job<RetentionPayload> {
  const { jobs, database, pageSize = usualPageSize } = options;
  const job: Job<RetentionPayload> = jobs.defineJob({
    name: "governance.retention",
    payload: z.strictObject({ after: idOf("app").optional() }),
    retry: { limit: 5, delaySeconds: 30, delaySecondsMax: 600 },
    expirySeconds: 900,
    async run({ after }) {
      const page = await database.lookUp(listAppsSql, [after === undefined ? null : toUuid(after), pageSize]);
      for (const row of page) await removeFromApp(options, row);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      const next = fromUuid("app", last.app_id);
      await database.withBatch(actor, (batch) =>
        jobs.enqueue(batch, job, { payload: { after: next }, singletonKey: next }),
      );
    },
  });
  jobs.schedule(job, hourly, {});
  return job;
}

/** An app that fails keeps none of the others waiting; its turn comes again in an hour. */
async function removeFromApp(
  options: RetentionOptions,
  row: { organisation_id: string; app_id: string },
): Promise<void> {
  const { database, log } = options;
  const tenant: Tenant = {
    organisationId: fromUuid("organisation", row.organisation_id),
    appId: fromUuid("app", row.app_id),
  };
  for (const task of options.tasks) {
    try {
      const removed = await database.withTenant(actor, tenant, (tx) => task.run(tx));
      if (removed > 0) log.info({ task: task.name, removed, appId: tenant.appId }, "removed what is too old");
    } catch (error) {
      if (isError(error, databaseErrors.unavailable)) throw error;
      log.error({ error, task: task.name, appId: tenant.appId }, "could not remove what is too old");
    }
  }
}
