// The SQL of storing what came of events: one statement for all of it, made of the parts that are needed. A part costs some
// 20 us even with nothing in it, so there is a statement for each combination (32), all prepared by name. What came of one
// message alone, the usual case where many apps share the load, has statements of its own: single rows instead of arrays
// take PostgreSQL two thirds of the time.

import { fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type SqlValue, type Statement, type TenantTx } from "../../platform/db/index.ts";
import { begun, finished, joined, moved, type Part, type Rows, said, traced } from "./outcome-parts-store.ts";
import type { Outcome, Queued } from "./process-store.ts";

export interface Lease {
  /** This process's number. */
  readonly owner: number;
  readonly seconds: number;
}

// Leased to this process at once, unless it is behind something that is with another.
function toQueuedSql(rows: string): string {
  return `insert into outbox (organisation_id, app_id, message_id, channel_id, conversation_id, lane,
    correlation_id, lease_owner, lease_until)
  select $1, $2, x.message_id, x.channel_id, x.conversation_id, x.lane, x.correlation_id,
    case when x.is_behind then null else $3::integer end,
    case when x.is_behind then null else now() + make_interval(secs => $4) end
  from ${rows} returning message_id, sequence, lease_owner`;
}

const queuedSql =
  toQueuedSql(`unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::integer[], ?::boolean[], ?::text[]) with ordinality
  as x (message_id, channel_id, conversation_id, lane, is_behind, correlation_id, position) order by x.position`);
const loneQueuedSql = toQueuedSql(`(values (?::uuid, ?::uuid, ?::uuid, ?::integer, ?::boolean, ?::text))
  as x (message_id, channel_id, conversation_id, lane, is_behind, correlation_id)`);

function toQueuedRows({ sendings }: Outcome): Rows {
  return sendings.map((one) => [
    toUuid(one.messageId),
    toUuid(one.channelId),
    toUuid(one.conversationId),
    one.lane,
    one.isBehind,
    one.correlationId,
  ]);
}

const optional: readonly Part[] = [finished, joined, begun, moved, traced];

interface QueuedRow {
  message_id: string;
  sequence: string;
  lease_owner: number | null;
}

function number(sql: string): string {
  let next = 5;
  return sql.replaceAll("?", () => `$${next++}`);
}

interface Variant {
  /** Whose values the statement takes, in order. */
  readonly takes: readonly Takes[];
  readonly sql: Statement<QueuedRow, "app">;
}

interface Takes {
  readonly columns: number;
  readonly rows: Part["rows"];
}

function toTakes({ sql, rows }: Pick<Part, "sql" | "rows">): Takes {
  return { columns: sql.split("?").length - 1, rows };
}

function listTakes(parts: readonly Part[]): Takes[] {
  return [...parts, said, { sql: queuedSql, rows: toQueuedRows }].map(toTakes);
}

function declareVariant(parts: readonly Part[]): Variant {
  const name = ["conversations.store_outcome", ...parts.map((part) => part.name)].join(".");
  const clauses = [...parts, said].map((part) => `${part.name} as (${part.sql})`);
  return {
    takes: listTakes(parts),
    sql: appStatement<QueuedRow>(name, number(`with ${clauses.join(", ")} ${queuedSql}`)),
  };
}

function declareLoneVariant(parts: readonly Part[]): Variant {
  const name = ["conversations.store_lone", ...parts.map((part) => part.name)].join(".");
  const clauses = [...parts, said].map((part) => `${part.name} as (${part.loneSql})`);
  return {
    takes: listTakes(parts),
    sql: appStatement<QueuedRow>(name, number(`with ${clauses.join(", ")} ${loneQueuedSql}`)),
  };
}

function listCombinations(parts: readonly Part[]): Part[][] {
  return parts.reduce<Part[][]>((all, part) => [...all, ...all.map((chosen) => [...chosen, part])], [[]]);
}

/** By the bits of the parts in them. */
const variants = listCombinations(optional).map(declareVariant);
const loneVariants = listCombinations(optional).map(declareLoneVariant);

function toIndex(outcome: Outcome): number {
  let index = 0;
  for (const [bit, part] of optional.entries()) if (part.isNeeded(outcome)) index += 2 ** bit;
  return index;
}

/** One message in, one out: at most one row of everything else. */
function isLone({ messages, sendings, finished: events, members, conversations, traces }: Outcome): boolean {
  const rest = Math.max(events.length, members.length, conversations.length, traces.length);
  return messages.length === 2 && sendings.length === 1 && rest <= 1;
}

/** The values of all rows, part by part; as one array for each column unless there is one row of everything. */
function toValues(outcome: Outcome, { takes }: Variant, isOne: boolean): SqlValue[] {
  const values: SqlValue[] = [];
  for (const { columns, rows } of takes) {
    const all = rows(outcome);
    if (isOne) for (const row of all) values.push(...row);
    else for (let column = 0; column < columns; column += 1) values.push(all.map((row) => row[column] ?? null));
  }
  return values;
}

/**
 * Stores an outcome in one statement. Outgoing messages are leased to this process at once, but for those that are
 * behind others.
 */
export async function storeOutcome(tx: TenantTx, outcome: Outcome, lease: Lease): Promise<Queued[]> {
  const isOne = isLone(outcome);
  const variant = (isOne ? loneVariants : variants)[toIndex(outcome)] as Variant;
  const rows = await tx.query(variant.sql, [lease.owner, lease.seconds, ...toValues(outcome, variant, isOne)]);
  return rows.map((row) => ({
    messageId: fromUuid("message", row.message_id),
    sequence: row.sequence,
    leaseOwner: row.lease_owner ?? undefined,
  }));
}
