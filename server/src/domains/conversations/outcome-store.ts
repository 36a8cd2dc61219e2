// The SQL of storing what came of events: one statement for all of it, made of the parts that are needed. A part costs some
// 20 us even with nothing in it, so there is a statement for each combination (32), all prepared by name.

import { fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type SqlValue, type Statement, type TenantTx } from "../../platform/db/index.ts";
import type { ConversationToStore, MemberToStore, Outcome, Queued } from "./process-store.ts";

export interface Lease {
  /** This process's number. */
  readonly owner: number;
  readonly seconds: number;
}

/** A part of the statement: `?` stands for its values, in order. */
interface Part {
  readonly name: string;
  readonly sql: string;
  readonly isNeeded: (outcome: Outcome) => boolean;
  readonly values: (outcome: Outcome) => readonly SqlValue[];
}

const finished: Part = {
  name: "finished",
  sql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = any(?::uuid[])",
  isNeeded: (outcome) => outcome.finished.length > 0,
  values: (outcome) => [outcome.finished.map(toUuid)],
};

function toMemberValues(members: readonly MemberToStore[]): readonly SqlValue[] {
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
  isNeeded: (outcome) => outcome.members.length > 0,
  values: (outcome) => toMemberValues(outcome.members),
};

function toConversationValues(conversations: readonly ConversationToStore[]): readonly SqlValue[] {
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
  isNeeded: (outcome) => outcome.conversations.some((one) => one.isNew),
  values: (outcome) => toConversationValues(outcome.conversations.filter((one) => one.isNew)),
};

const moved: Part = {
  name: "moved",
  sql: `update conversations c set mode = x.mode, state = x.state, updated_at = now()
    from unnest(?::uuid[], ?::text[], ?::bytea[]) as x (conversation_id, mode, state)
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
  isNeeded: (outcome) => outcome.traces.length > 0,
  values: ({ traces }) => [
    traces.map((one) => toUuid(one.eventId)),
    traces.map((one) => toUuid(one.channelId)),
    traces.map((one) => (one.conversationId === undefined ? null : toUuid(one.conversationId))),
    traces.map((one) => one.outcome),
    traces.map((one) => one.content),
  ],
};

// Leased to this process at once, unless something earlier of the lane is with another.
const queuedSql = `insert into outbox (organisation_id, app_id, message_id, channel_id, conversation_id, lane,
    correlation_id, lease_owner, lease_until)
  select $1, $2, x.message_id, x.channel_id, x.conversation_id, x.lane, x.correlation_id,
    case when earlier.waits then null else $3::integer end,
    case when earlier.waits then null else now() + make_interval(secs => $4) end
  from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::integer[], ?::text[])
    with ordinality as x (message_id, channel_id, conversation_id, lane, correlation_id, position),
  lateral (select exists (select from outbox o where o.organisation_id = $1 and o.app_id = $2 and o.lane = x.lane
    and (o.lease_owner is distinct from $3::integer or o.lease_until < now())) as waits) as earlier
  order by x.position returning message_id, sequence, lease_owner`;

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

function declareVariant(parts: readonly Part[]): Statement<QueuedRow, "app"> {
  const name = ["conversations.store_outcome", ...parts.map((part) => part.name)].join(".");
  const clauses = [...parts, said].map((part) => `${part.name} as (${part.sql})`);
  return appStatement<QueuedRow>(name, number(`with ${clauses.join(", ")} ${queuedSql}`));
}

function listCombinations(parts: readonly Part[]): Part[][] {
  return parts.reduce<Part[][]>((all, part) => [...all, ...all.map((chosen) => [...chosen, part])], [[]]);
}

const variants = new Map(
  listCombinations(optional).map((parts) => [
    parts.map((part) => part.name).join(),
    { parts, sql: declareVariant(parts) },
  ]),
);

/**
 * Stores an outcome in one statement. Outgoing messages are leased to this process at once, unless earlier ones of the
 * same member are with another.
 */
export async function storeOutcome(tx: TenantTx, outcome: Outcome, lease: Lease): Promise<Queued[]> {
  const needed = optional.filter((part) => part.isNeeded(outcome));
  const variant = variants.get(needed.map((part) => part.name).join());
  if (variant === undefined) return [];
  const { sendings } = outcome;
  const rows = await tx.query(variant.sql, [
    lease.owner,
    lease.seconds,
    ...variant.parts.flatMap((part) => part.values(outcome)),
    ...said.values(outcome),
    sendings.map((one) => toUuid(one.messageId)),
    sendings.map((one) => toUuid(one.channelId)),
    sendings.map((one) => toUuid(one.conversationId)),
    sendings.map((one) => one.lane),
    sendings.map((one) => one.correlationId),
  ]);
  return rows.map((row) => ({
    messageId: fromUuid("message", row.message_id),
    sequence: row.sequence,
    leaseOwner: row.lease_owner ?? undefined,
  }));
}
