// The SQL of storing what came of events: one statement for all of it, made of the parts that are needed. A part costs some
// 20 us even with nothing in it, so there is a statement for each combination (32), all prepared by name. What came of one
// message alone, the usual case where many apps share the load, has statements of its own (16): single rows instead of arrays
// take PostgreSQL two thirds of the time.

import { fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type SqlValue, type Statement, type TenantTx } from "../../platform/db/index.ts";
import type { ConversationToStore, MemberToStore, Outcome, Queued } from "./process-store.ts";

export interface Lease {
  /** This process's number. */
  readonly owner: number;
  readonly seconds: number;
}

/** A part of the statement: `?` stands for its values, in order; each is an array with an element a row. */
interface Part {
  readonly name: string;
  readonly sql: string;
  /** For one row: `?` stands for the only element of each array. */
  readonly loneSql: string;
  readonly isNeeded: (outcome: Outcome) => boolean;
  readonly values: (outcome: Outcome) => readonly (readonly SqlValue[])[];
}

const finished: Part = {
  name: "finished",
  sql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = any(?::uuid[])",
  loneSql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = ?",
  isNeeded: (outcome) => outcome.finished.length > 0,
  values: (outcome) => [outcome.finished.map(toUuid)],
};

function toMemberValues(members: readonly MemberToStore[]): ReturnType<Part["values"]> {
  return [
    members.map((one) => toUuid(one.memberId)),
    members.map((one) => toUuid(one.channelId)),
    members.map((one) => one.externalKey),
    members.map((one) => one.externalId),
    members.map((one) => one.profile),
  ];
}

const joined: Part = {
  name: "joined",
  sql: `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::bytea[], ?::bytea[], ?::bytea[]) as x`,
  loneSql: `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.members.length > 0,
  values: (outcome) => toMemberValues(outcome.members),
};

function toConversationValues(conversations: readonly ConversationToStore[]): ReturnType<Part["values"]> {
  return [
    conversations.map((one) => toUuid(one.conversationId)),
    conversations.map((one) => toUuid(one.memberId)),
    conversations.map((one) => toUuid(one.channelId)),
    conversations.map((one) => one.mode),
    conversations.map((one) => one.state),
  ];
}

const begun: Part = {
  name: "begun",
  sql: `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.conversations.some((one) => one.isNew),
  values: (outcome) => toConversationValues(outcome.conversations.filter((one) => one.isNew)),
};

const moved: Part = {
  name: "moved",
  sql: `update conversations c set mode = x.mode, state = x.state, updated_at = now()
    from unnest(?::uuid[], ?::text[], ?::bytea[]) as x (conversation_id, mode, state)
    where c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = x.conversation_id`,
  loneSql: `update conversations c set mode = x.mode, state = x.state, updated_at = now()
    from (values (?::uuid, ?::text, ?::bytea)) as x (conversation_id, mode, state)
    where c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = x.conversation_id`,
  isNeeded: (outcome) => outcome.conversations.some((one) => !one.isNew),
  values: (outcome) => {
    const known = outcome.conversations.filter((one) => !one.isNew);
    return [
      known.map((one) => toUuid(one.conversationId)),
      known.map((one) => one.mode),
      known.map((one) => one.state),
    ];
  },
};

const said: Part = {
  name: "said",
  sql: `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    values ($1, $2, ?, ?, ?, ?, ?), ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: () => true,
  values: ({ messages }) => [
    messages.map((one) => toUuid(one.messageId)),
    messages.map((one) => toUuid(one.conversationId)),
    messages.map((one) => one.direction),
    messages.map((one) => one.source),
    messages.map((one) => one.content),
  ],
};

const traced: Part = {
  name: "traced",
  sql: `insert into traces (organisation_id, app_id, trace_id, channel_id, conversation_id, outcome, content)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into traces (organisation_id, app_id, trace_id, channel_id, conversation_id, outcome, content)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.traces.length > 0,
  values: ({ traces }) => [
    traces.map((one) => toUuid(one.eventId)),
    traces.map((one) => toUuid(one.channelId)),
    traces.map((one) => (one.conversationId === undefined ? null : toUuid(one.conversationId))),
    traces.map((one) => one.outcome),
    traces.map((one) => one.content),
  ],
};

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

function toQueuedValues({ sendings }: Outcome): ReturnType<Part["values"]> {
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
const loneVariants = new Map(
  listCombinations([joined, begun, moved, traced]).map((parts) => [toKey(parts), declareLoneVariant(parts)]),
);

/** One message in, one out: at most one row of everything else. */
function isLone({ messages, sendings, members, conversations, traces }: Outcome): boolean {
  const rest = Math.max(members.length, conversations.length, traces.length);
  return messages.length === 2 && sendings.length === 1 && rest <= 1;
}

/** The elements of the arrays, row by row. */
function toRows(columns: readonly (readonly SqlValue[])[]): SqlValue[] {
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
