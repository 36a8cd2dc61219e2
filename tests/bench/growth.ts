// Fills the product's tables to a size by copying rows as the administrator: the queues stay empty, as they are in a long-lived
// database. Copies get ids of the days before, so that live rows go on being added at the end of the indexes.

import type { Cluster } from "./cluster.ts";
import type { CpuTimes } from "./measure.ts";

/** Few messages, and many. */
export const storedSizes = [1_000, 1_000_000] as const;

export interface GrowthReport {
  readonly storedMessages: number;
  readonly messagesPerSecond: number;
  readonly cpuMsPerMessage: number;
  readonly cpuMsByProcess: CpuTimes;
  readonly p99Ms: number;
}

const chunk = 100_000;
const pastId = "uuidv7(make_interval(secs => -86400 - random() * 500000))";

/** Every message in has one out, one trace and one replay key; every message out has one receipt. */
const copies = [
  {
    table: "messages",
    share: 1,
    columns: "organisation_id, app_id, conversation_id, direction, source, content",
    key: "message_id",
    value: pastId,
  },
  {
    table: "receipts",
    share: 0.5,
    columns: "organisation_id, app_id, platform_id, status, sent_at",
    key: "message_id, platform_key",
    value: `${pastId}, sha256(uuidv7()::text::bytea)`,
  },
  {
    table: "traces",
    share: 0.5,
    columns: "organisation_id, app_id, channel_id, conversation_id, outcome, content",
    key: "trace_id",
    value: pastId,
  },
  {
    table: "replay_keys",
    share: 0.5,
    columns: "organisation_id, app_id, channel_id",
    key: "replay_key",
    value: "sha256(uuidv7()::text::bytea)",
  },
] as const;

async function count(cluster: Pick<Cluster, "run">, table: string): Promise<number> {
  const { rows } = await cluster.run(`select count(*)::integer as count from ${table}`);
  return (rows[0] as { count: number } | undefined)?.count ?? 0;
}

/**
 * The statement that adds `rows` copies of up to a thousand existing rows. The join's one side knows nothing of the other,
 * or PostgreSQL compares each row with all thousand: several minutes to a million messages.
 */
export function toCopySql(copy: (typeof copies)[number], rows: number): string {
  const { table, columns, key, value } = copy;
  return `with sample as materialized (
      select row_number() over () as number, s.* from (select ${columns} from ${table} limit 1000) s)
    insert into ${table} (${columns}, ${key})
    select ${columns}, ${value} from generate_series(1, ${rows}) as n
      join sample on sample.number = 1 + n % (select count(*) from sample)`;
}

async function fill(cluster: Pick<Cluster, "run">, copy: (typeof copies)[number], target: number): Promise<void> {
  for (let missing = target - (await count(cluster, copy.table)); missing > 0; missing -= chunk) {
    await cluster.run(toCopySql(copy, Math.min(chunk, missing)));
  }
}

/** How far the size may be off: a round adds thousands, and rewriting a million rows after each takes minutes. */
const tolerance = 1.1;

/** Removes what is more than a tenth over `target`; which rows does not matter. */
async function cut(cluster: Pick<Cluster, "run">, table: string, target: number): Promise<void> {
  if ((await count(cluster, table)) <= target * tolerance) return;
  await cluster.run(`create temp table kept as select * from ${table} limit ${target}`);
  // With what hangs on its rows (previews of links), which a benchmark's messages do not have.
  await cluster.run(`truncate ${table} cascade`);
  await cluster.run(`insert into ${table} select * from kept`);
  await cluster.run("drop table kept");
}

/** Brings the stored messages, and what goes with them, to `messages`, and the statistics up to date. */
export async function growTo(cluster: Pick<Cluster, "run">, messages: number): Promise<void> {
  // Without triggers: the rows the copies refer to are the ones their originals do.
  await cluster.run("set session_replication_role = replica");
  await cluster.run("set statement_timeout = 0");
  for (const copy of copies) {
    await cut(cluster, copy.table, messages * copy.share);
    await fill(cluster, copy, messages * copy.share);
    await cluster.run(`vacuum analyze ${copy.table}`);
  }
  await cluster.run("checkpoint");
}
