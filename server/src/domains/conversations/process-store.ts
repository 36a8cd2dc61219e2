// The SQL of processing: one statement reads everything a batch of one app's events needs, one writes everything that
// came of them.

import {
  type ChannelId,
  type ConversationId,
  type EventId,
  fromUuid,
  type MemberId,
  type MessageId,
  toUuid,
} from "../../kernel/ids.ts";
import { appStatement, systemStatement, type TenantTx } from "../../platform/db/index.ts";
import type { PipelineEvent } from "./types.ts";

/** Locks the lanes of the next events of each app, beginning behind the app of $3 and $4, and returns the events. */
export const claimInboundSql = systemStatement<{ organisation_id: string; app_id: string; event_id: string }>(
  "conversations.claim_inbound",
  "select organisation_id, app_id, event_id from parley_claim_inbound($1, $2, $3, $4)",
);

const holdLaneSql = appStatement<{ held: boolean }>(
  "conversations.hold_lane",
  `select h.held from parley_hold_lane($3, $4) as h
   where exists (select from apps where organisation_id = $1 and app_id = $2)`,
);

/** Waits for one lane and holds it until the transaction ends. */
export async function holdLane(tx: TenantTx, lockClass: number, lane: number): Promise<void> {
  await tx.query(holdLaneSql, [lockClass, lane]);
}

/**
 * Whether messages of a lane are with another process than $owner, or with none. The caller holds the lane: what this process
 * has of it is given back by its dispatcher alone, which then gives back what comes behind it too. A lease that ends within a
 * minute, which is longer than any transaction, counts as ended. `parley_take_lanes` asks the same of many.
 */
function isBehindSql(lane: string, owner: string): string {
  return `coalesce((select true from outbox o where o.organisation_id = $1 and o.app_id = $2 and o.lane = ${lane}
    and (o.lease_owner is distinct from ${owner}::integer or o.lease_until < now() + interval '1 minute') limit 1), false)`;
}

const isLaneBehindSql = appStatement<{ is_behind: boolean }>(
  "conversations.is_lane_behind",
  `select ${isBehindSql("$3", "$4")} as is_behind from apps where organisation_id = $1 and app_id = $2`,
);

/** Whether what is said in a held lane must wait for messages that are with another process, or with none. */
export async function isLaneBehind(tx: TenantTx, lane: number, leaseOwner: number): Promise<boolean> {
  return (await tx.query(isLaneBehindSql, [lane, leaseOwner]))[0]?.is_behind ?? true;
}

export interface PendingEvent {
  readonly eventId: EventId;
  readonly kind: "message" | "status" | "notice" | "redirect";
  readonly channelId: ChannelId;
  readonly lane: number;
  readonly externalKey: Buffer;
  /** As stored; undefined for an event that was never stored because it is processed at once. */
  readonly payload: Buffer | undefined;
  /** In clear, for an event that is processed at once. */
  readonly event?: PipelineEvent;
  readonly correlationId: string;
  readonly receivedAt: Date;
  readonly attempts: number;
  readonly configurationRevision: string;
  /** Messages of its lane are with another process, or with none: what it leads to waits for them. */
  readonly isBehind: boolean;
  readonly conversation: StoredConversation | undefined;
}

export interface StoredConversation {
  readonly memberId: MemberId;
  readonly profile: Buffer;
  readonly conversationId: ConversationId;
  readonly state: Buffer;
  /** When something was last said, at most a minute late while the bot has the conversation. */
  readonly activeAt: Date;
}

export interface PendingRow {
  event_id: string;
  kind: PendingEvent["kind"];
  channel_id: string;
  lane: number;
  external_key: Buffer;
  payload: Buffer;
  correlation_id: string;
  received_at: Date;
  attempts: number;
  configuration_revision: string;
  is_behind: boolean;
  member_id: string | null;
  profile: Buffer | null;
  conversation_id: string | null;
  state: Buffer | null;
  active_at: Date | null;
}

const loadEventsSql = appStatement<PendingRow>(
  "conversations.load_events",
  `select e.event_id, e.kind, e.channel_id, e.lane, e.external_key, e.payload, e.correlation_id, e.received_at,
     e.attempts, a.configuration_revision, m.member_id, m.profile, c.conversation_id, c.state,
     c.active_at, ${isBehindSql("e.lane", "$4")} as is_behind
   from inbound_events e
   join apps a on a.organisation_id = $1 and a.app_id = $2
   left join members m on m.organisation_id = $1 and m.app_id = $2 and m.channel_id = e.channel_id
     and m.external_key = e.external_key
   left join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.member_id = m.member_id
   where e.organisation_id = $1 and e.app_id = $2 and e.event_id = any($3::uuid[]) order by e.sequence`,
);

/** The conversation columns of a row, when the member is known. */
export function toConversation(
  row: Pick<PendingRow, "member_id" | "profile" | "conversation_id" | "state" | "active_at">,
): StoredConversation | undefined {
  const { member_id, profile, conversation_id, state, active_at } = row;
  if (member_id === null || profile === null || conversation_id === null) return undefined;
  if (state === null || active_at === null) return undefined;
  return {
    memberId: fromUuid("member", member_id),
    profile,
    conversationId: fromUuid("conversation", conversation_id),
    state,
    activeAt: active_at,
  };
}

/** The claimed events that are still there, in order, each with its member's conversation. */
export async function loadEvents(
  tx: TenantTx,
  eventUuids: readonly string[],
  leaseOwner: number,
): Promise<PendingEvent[]> {
  const rows = await tx.query(loadEventsSql, [eventUuids, leaseOwner]);
  return rows.map((row) => ({
    eventId: fromUuid("event", row.event_id),
    kind: row.kind,
    channelId: fromUuid("channel", row.channel_id),
    lane: row.lane,
    externalKey: row.external_key,
    payload: row.payload,
    correlationId: row.correlation_id,
    receivedAt: row.received_at,
    attempts: row.attempts,
    configurationRevision: row.configuration_revision,
    isBehind: row.is_behind,
    conversation: toConversation(row),
  }));
}

export interface OpenedMember extends StoredConversation {
  readonly channelId: ChannelId;
  readonly externalKey: Buffer;
  readonly externalId: Buffer;
}

const findMemberSql = appStatement<PendingRow & { external_id: Buffer }>(
  "conversations.find_member",
  `select m.member_id, m.channel_id, m.external_key, m.external_id, m.profile, c.conversation_id, c.state,
     c.active_at
   from members m join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.member_id = m.member_id
   where m.organisation_id = $1 and m.app_id = $2 and m.channel_id = $3
     and (m.member_id = $4 or m.external_key = $5)`,
);

/** A member of a channel, by id or by the blind index of the platform's id. */
export async function findMember(
  tx: TenantTx,
  channelId: ChannelId,
  by: { memberId?: MemberId | undefined; externalKey?: Buffer | undefined },
): Promise<OpenedMember | undefined> {
  const memberId = by.memberId === undefined ? null : toUuid(by.memberId);
  const row = (await tx.query(findMemberSql, [toUuid(channelId), memberId, by.externalKey ?? null]))[0];
  const conversation = row === undefined ? undefined : toConversation(row);
  if (row === undefined || conversation === undefined) return undefined;
  return { ...conversation, channelId, externalKey: row.external_key, externalId: row.external_id };
}

export interface MemberToStore {
  readonly memberId: MemberId;
  readonly channelId: ChannelId;
  readonly externalKey: Buffer;
  readonly externalId: Buffer;
  readonly profile: Buffer;
}

export interface ConversationToStore {
  readonly conversationId: ConversationId;
  readonly memberId: MemberId;
  readonly channelId: ChannelId;
  readonly mode: string;
  readonly state: Buffer;
  /** Its member wrote for the first time. */
  readonly isNew: boolean;
}

export interface MessageToStore {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly direction: "inbound" | "outbound";
  readonly source: "member" | "bot" | "manual";
  readonly content: Buffer;
}

export interface SendingToStore {
  readonly messageId: MessageId;
  readonly channelId: ChannelId;
  readonly conversationId: ConversationId;
  readonly lane: number;
  /** See `isLaneBehind`: it is leased to nobody. */
  readonly isBehind: boolean;
  readonly correlationId: string;
}

export interface TraceToStore {
  readonly eventId: EventId;
  readonly channelId: ChannelId;
  readonly conversationId: ConversationId | undefined;
  readonly outcome: "answered" | "silent" | "failed" | "recorded";
  readonly content: Buffer;
}

/** Everything a batch of one app's events leads to. */
export interface Outcome {
  readonly finished: EventId[];
  readonly members: MemberToStore[];
  readonly conversations: ConversationToStore[];
  readonly messages: MessageToStore[];
  readonly sendings: SendingToStore[];
  readonly traces: TraceToStore[];
}

export function emptyOutcome(): Outcome {
  return { finished: [], members: [], conversations: [], messages: [], sendings: [], traces: [] };
}

/** An outgoing message as queued. */
export interface Queued {
  readonly messageId: MessageId;
  readonly sequence: string;
  /** Undefined when something earlier of the lane is with another process: it will be claimed after that. */
  readonly leaseOwner: number | undefined;
}

const deferEventsSql = appStatement<never>(
  "conversations.defer_events",
  `update inbound_events set attempts = attempts + 1, due_at = now() + make_interval(secs => $4)
   where organisation_id = $1 and app_id = $2 and event_id = any($3::uuid[])`,
);

/** Puts events off for some seconds and counts the attempt. */
export async function deferEvents(tx: TenantTx, eventIds: readonly EventId[], seconds: number): Promise<void> {
  await tx.query(deferEventsSql, [eventIds.map(toUuid), seconds]);
}

export interface StatusChange {
  /** The channel that told us: it may speak of its own messages only. */
  readonly channelId: ChannelId;
  /** Our message id, when the platform echoed it. */
  readonly messageId: MessageId | undefined;
  readonly platformKey: Buffer;
  readonly status: string;
  readonly errorCode: string | undefined;
  readonly sentAt: Date | undefined;
  readonly deliveredAt: Date | undefined;
  readonly readAt: Date | undefined;
  readonly failedAt: Date | undefined;
}

export interface ChangedReceipt {
  /** The position of the change in what was asked. */
  readonly position: number;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly memberId: MemberId;
}

const changeReceiptsSql = appStatement<{
  position: string;
  message_id: string;
  conversation_id: string;
  member_id: string;
}>(
  "conversations.change_receipts",
  `with wanted as (
     select x.*, r.message_id as found from unnest($3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::timestamptz[],
       $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::uuid[]) with ordinality
       as x (reference, platform_key, status, error_code, sent_at, delivered_at, read_at, failed_at, channel_id, position)
     join receipts r on r.organisation_id = $1 and r.app_id = $2
       and (r.platform_key = x.platform_key or r.message_id = x.reference)
     where r.platform_key = x.platform_key or exists (
       select from messages m join conversations c on c.organisation_id = $1 and c.app_id = $2
         and c.conversation_id = m.conversation_id
       where m.organisation_id = $1 and m.app_id = $2 and m.message_id = r.message_id and c.channel_id = x.channel_id)),
   changed as (
     update receipts r set
       status = case when array_position(array['sent', 'delivered', 'read', 'failed', 'deleted'], w.status)
         > array_position(array['sent', 'delivered', 'read', 'failed', 'deleted'], r.status) then w.status else r.status end,
       error_code = coalesce(w.error_code, r.error_code), sent_at = coalesce(r.sent_at, w.sent_at),
       delivered_at = coalesce(r.delivered_at, w.delivered_at), read_at = coalesce(r.read_at, w.read_at),
       failed_at = coalesce(r.failed_at, w.failed_at)
     from wanted w where r.organisation_id = $1 and r.app_id = $2 and r.message_id = w.found
     returning w.position, r.message_id)
   select ch.position, ch.message_id, m.conversation_id, c.member_id from changed ch
   join messages m on m.organisation_id = $1 and m.app_id = $2 and m.message_id = ch.message_id
   join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = m.conversation_id`,
);

/** Records what platforms say became of messages. Returns those that were found. A later state is never set back. */
export async function changeReceipts(tx: TenantTx, changes: readonly StatusChange[]): Promise<ChangedReceipt[]> {
  const rows = await tx.query(changeReceiptsSql, [
    changes.map((change) => (change.messageId === undefined ? null : toUuid(change.messageId))),
    changes.map((change) => change.platformKey),
    changes.map((change) => change.status),
    changes.map((change) => change.errorCode ?? null),
    changes.map((change) => change.sentAt ?? null),
    changes.map((change) => change.deliveredAt ?? null),
    changes.map((change) => change.readAt ?? null),
    changes.map((change) => change.failedAt ?? null),
    changes.map((change) => toUuid(change.channelId)),
  ]);
  return rows.map((row) => ({
    position: Number(row.position) - 1,
    messageId: fromUuid("message", row.message_id),
    conversationId: fromUuid("conversation", row.conversation_id),
    memberId: fromUuid("member", row.member_id),
  }));
}
