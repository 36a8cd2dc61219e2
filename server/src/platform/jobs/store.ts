// The one way a job gets into the database: a function that the schema defines, called in the caller's transaction. The
// runtime role has no right on the tables behind it.

import type { SqlValue } from "../../kernel/tenant-tx.ts";
import { appStatement, organisationStatement, systemStatement } from "../db/index.ts";
import type { Job, JobTx } from "./define-job.ts";

type Row = { job_id: string };

const enqueueInAppSql = appStatement<Row>(
  "jobs.enqueue_in_app",
  "select job_id from parley_enqueue_job($3, $4, $5, $6, $7, organisation_id => $1, app_id => $2)",
);
const enqueueInOrganisationSql = organisationStatement<Row>(
  "jobs.enqueue_in_organisation",
  "select job_id from parley_enqueue_job($2, $3, $4, $5, $6, organisation_id => $1)",
);
const enqueueSql = systemStatement<Row>("jobs.enqueue", "select job_id from parley_enqueue_job($1, $2, $3, $4, $5)");

/** A job on its way in. */
export interface Queueing {
  readonly job: Pick<Job<unknown>, "name" | "policy">;
  readonly payload: object;
  readonly startAfter: Date | undefined;
  readonly singletonKey: string | undefined;
}

/** Queues in the transaction. Returns the job's id; undefined when one with the same key waits already. */
export async function insertJob(tx: JobTx, queueing: Queueing): Promise<string | undefined> {
  const { job, payload, startAfter, singletonKey } = queueing;
  const values: SqlValue[] = [
    ...[job.name, JSON.stringify(job.policy), JSON.stringify(payload)],
    ...[startAfter ?? null, singletonKey ?? null],
  ];
  const [row] = await run(tx, values);
  return row?.job_id;
}

function run(tx: JobTx, values: readonly SqlValue[]): Promise<Row[]> {
  if ("tenant" in tx) return tx.query(enqueueInAppSql, values);
  if ("organisationId" in tx) return tx.query(enqueueInOrganisationSql, values);
  return tx.lookUp(enqueueSql, values);
}
