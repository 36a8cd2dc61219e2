// The SQL of storing what came of events: one statement for all of it, made of the parts that are needed. A part costs some
// 20 us even with nothing in it, so there is a statement for each combination (32), all prepared by name. What came of one
// message alone, the usual case where many apps share the load, has statements of its own: single rows instead of arrays
// take PostgreSQL two thirds of the time.

import { fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type SqlValue, type Statement, type TenantTx } from "../../platform/db/index.ts";
import { begun, type Columns, finished, joined, moved, type Part, said, traced } from "./outcome-parts-store.ts";
import type { Outcome, Queued } from "./process-store.ts";

export interface Lease {
  /** This process's number. */
  readonly owner: number;
  readonly seconds: number;
}

// Leased to this process at once, unless something earlier of the lane is with another. `offset 0` keeps PostgreSQL from
// asking once for each place the answer is used.
function toQueuedSql(rows: string): string {
  return `insert into outbox (organisation_id, app_id, message_id, channel_id, conversation_id, lane,
    correlation_id, lease_owner, lease_until)
  select $1, $2, x.message_id, x.channel_id, x.conversation_id, x.lane, x.correlation_id,
    case when earlier.waits then null else $3::integer end,
    case when earlier.waits then null else now() + make_interval(secs => $4) end
  from ${rows},
  lateral (select exists (select from outbox o where o.organisation_id = $1 and o.app_id = $2 and o.lane = x.lane
    and (o.lease_owner is distinct from $3::integer or o.lease_until < now())) as waits offset 0) as earlier
  order by x.position returning message_id, sequence, lease_owner`;
}

const queuedSql = toQueuedSql(`unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::integer[], ?::text[])
  with ordinality as x (message_id, channel_id, conversation_id, lane, correlation_id, position)`);
const loneQueuedSql = toQueuedSql(`(values (?::uuid, ?::uuid, ?::uuid, ?::integer, ?::text, 1))
  as x (message_id, channel_id, conversation_id, lane, correlation_id, position)`);

function toQueuedValues({ sendings }: Outcome): Columns {
  return [
    sendings.map((one) => toUuid(one.messageId)),
    sendings.map((one) => toUuid(one.channelId)),
    sendings.map((one) => toUuid(one.conversationId)),
    sendings.map((one) => one.lane),
    sendings.map((one) => one.correlationId),
  ];
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
  readonly parts: readonly Part[];
  readonly sql: Statement<QueuedRow, "app">;
}

function declareVariant(parts: readonly Part[]): Variant {
  const name = ["conversations.store_outcome", ...parts.map((part) => part.name)].join(".");
  const clauses = [...parts, said].map((part) => `${part.name} as (${part.sql})`);
  return { parts, sql: appStatement<QueuedRow>(name, number(`with ${clauses.join(", ")} ${queuedSql}`)) };
}

function declareLoneVariant(parts: readonly Part[]): Variant {
  const name = ["conversations.store_lone", ...parts.map((part) => part.name)].join(".");
  const clauses = [...parts, said].map((part) => `${part.name} as (${part.loneSql})`);
  return { parts, sql: appStatement<QueuedRow>(name, number(`with ${clauses.join(", ")} ${loneQueuedSql}`)) };
}

function listCombinations(parts: readonly Part[]): Part[][] {
  return parts.reduce<Part[][]>((all, part) => [...all, ...all.map((chosen) => [...chosen, part])], [[]]);
}

function toKey(parts: readonly Part[]): string {
  return parts.map((part) => part.name).join();
}

const variants = new Map(listCombinations(optional).map((parts) => [toKey(parts), declareVariant(parts)]));
const loneVariants = new Map(listCombinations(optional).map((parts) => [toKey(parts), declareLoneVariant(parts)]));

/** One message in, one out: at most one row of everything else. */
function isLone({ messages, sendings, finished: events, members, conversations, traces }: Outcome): boolean {
  const rest = Math.max(events.length, members.length, conversations.length, traces.length);
  return messages.length === 2 && sendings.length === 1 && rest <= 1;
}

/** The elements of the arrays, row by row. */
function toRows(columns: Columns): SqlValue[] {
  return (columns[0] ?? []).flatMap((_, row) => columns.map((column) => column[row] ?? null));
}

/**
 * Stores an outcome in one statement. Outgoing messages are leased to this process at once, unless earlier ones of the
 * same member are with another.
 */
export async function storeOutcome(tx: TenantTx, outcome: Outcome, lease: Lease): Promise<Queued[]> {
  const key = toKey(optional.filter((part) => part.isNeeded(outcome)));
  const lone = isLone(outcome) ? loneVariants.get(key) : undefined;
  const variant = lone ?? variants.get(key);
  if (variant === undefined) return [];
  const columns = [...variant.parts.map((part) => part.values(outcome)), said.values(outcome), toQueuedValues(outcome)];
  const values = lone === undefined ? columns.flat() : columns.flatMap(toRows);
  const rows = await tx.query(variant.sql, [lease.owner, lease.seconds, ...values]);
  return rows.map((row) => ({
    messageId: fromUuid("message", row.message_id),
    sequence: row.sequence,
    leaseOwner: row.lease_owner ?? undefined,
  }));
}
