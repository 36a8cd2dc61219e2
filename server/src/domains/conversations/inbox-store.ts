// The SQL of conversations as those see them who answer: lists in the order of activity, and who has which.

import type { Mode } from "@parley/engine";
import {
  type ChannelId,
  type ConversationId,
  fromUuid,
  type MemberId,
  parseId,
  type TokenId,
  toUuid,
  type UserId,
} from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";

/** Who has a conversation: a person, or the program that answers for people elsewhere. */
export type Assignee = UserId | TokenId;

export interface StoredInboxItem {
  readonly conversationId: ConversationId;
  readonly channelId: ChannelId;
  readonly channelKind: string;
  readonly channelName: string;
  readonly memberId: MemberId;
  /** Sealed. */
  readonly externalId: Buffer;
  readonly externalKey: Buffer;
  /** Sealed. */
  readonly profile: Buffer;
  /** Sealed. */
  readonly state: Buffer;
  readonly mode: Mode;
  readonly assignee: Assignee | undefined;
  /** Sealed. */
  readonly assigneeName: Buffer | undefined;
  readonly createdAt: Date;
  readonly lastMessageAt: Date | undefined;
  /** When something was last said, as lists are ordered: microseconds since 1970. */
  readonly activeUs: string;
}

interface InboxRow {
  conversation_id: string;
  channel_id: string;
  channel_kind: string;
  channel_name: string;
  member_id: string;
  external_id: Buffer;
  external_key: Buffer;
  profile: Buffer;
  state: Buffer;
  mode: Mode;
  assignee: string | null;
  assignee_name: Buffer | null;
  created_at: Date;
  last_message_at: Date | null;
  active_us: string;
}

function toAssignee(text: string | null): Assignee | undefined {
  return parseId("user", text) ?? parseId("token", text);
}

function toItem(row: InboxRow): StoredInboxItem {
  return {
    conversationId: fromUuid("conversation", row.conversation_id),
    channelId: fromUuid("channel", row.channel_id),
    channelKind: row.channel_kind,
    channelName: row.channel_name,
    memberId: fromUuid("member", row.member_id),
    externalId: row.external_id,
    externalKey: row.external_key,
    profile: row.profile,
    state: row.state,
    mode: row.mode,
    assignee: toAssignee(row.assignee),
    assigneeName: row.assignee_name ?? undefined,
    createdAt: row.created_at,
    lastMessageAt: row.last_message_at ?? undefined,
    activeUs: row.active_us,
  };
}

/** The columns of an item, from rows of conversations called `c`. */
function toSelect(conversations: string): string {
  return `select c.conversation_id, c.channel_id, ch.kind as channel_kind, ch.name as channel_name, c.member_id,
     m.external_id, m.external_key, m.profile, c.state, c.mode, c.assignee, c.assignee_name, c.created_at,
     (extract(epoch from c.active_at) * 1000000)::bigint::text as active_us, said.created_at as last_message_at
   from ${conversations}
   join channels ch on ch.organisation_id = $1 and ch.app_id = $2 and ch.channel_id = c.channel_id
   join members m on m.organisation_id = $1 and m.app_id = $2 and m.member_id = c.member_id
   left join lateral (select s.created_at from messages s where s.organisation_id = $1 and s.app_id = $2
     and s.conversation_id = c.conversation_id order by s.message_id desc limit 1) as said on true`;
}

const findItemSql = appStatement<InboxRow>(
  "conversations.find_item",
  `${toSelect("conversations c")} where c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = $3`,
);

/** One conversation. */
export async function findItem(tx: TenantTx, conversationId: ConversationId): Promise<StoredInboxItem | undefined> {
  const row = (await tx.query(findItemSql, [toUuid(conversationId)]))[0];
  return row === undefined ? undefined : toItem(row);
}

const conditions = `c.organisation_id = $1 and c.app_id = $2 and (c.active_at, c.conversation_id)
     < (coalesce(timestamptz 'epoch' + $4::bigint * interval '1 microsecond', 'infinity'), $5::uuid)`;
const order = "order by c.active_at desc, c.conversation_id desc limit $6";

// Each channel has its conversations in order; the newest of all of them are among the newest of each. What is shown besides
// is joined to the page alone: the limit inside keeps PostgreSQL from doing it before.
const newestOfEachSql = `(select c.*
     from (select o.channel_id from channels o where o.organisation_id = $1 and o.app_id = $2
       and ($3::uuid[] is null or o.channel_id = any($3))) as own
     cross join lateral (select c.* from conversations c where ${conditions} and c.channel_id = own.channel_id
       and ($7::text is null or c.mode = $7) and ($8::boolean is false or c.assignee is null) ${order}) as c
     ${order}) as c`;

const listByActivitySql = appStatement<InboxRow>(
  "conversations.list_by_activity",
  `${toSelect(newestOfEachSql)} ${order}`,
);

// What the bot does not have is little, whatever the app has.
const listAttendedSql = appStatement<InboxRow>(
  "conversations.list_attended",
  `${toSelect(`(select c.* from conversations c where ${conditions} and c.mode <> 'bot' and c.mode = $7
       and ($3::uuid[] is null or c.channel_id = any($3)) and ($8::boolean is false or c.assignee is null)
       ${order}) as c`)}
   ${order}`,
);

const listAssignedSql = appStatement<InboxRow>(
  "conversations.list_assigned",
  `${toSelect(`(select c.* from conversations c where ${conditions} and c.assignee = $8
       and ($3::uuid[] is null or c.channel_id = any($3)) and ($7::text is null or c.mode = $7) ${order}) as c`)}
   ${order}`,
);

/** Where a page of conversations begins: behind this one. */
export interface InboxCursor {
  readonly activeUs: string;
  readonly conversationId: ConversationId;
}

export interface InboxWanted {
  /** Undefined: of every channel. */
  readonly channelIds?: readonly ChannelId[] | undefined;
  readonly mode?: Mode | undefined;
  /** Undefined: whoever has it. */
  readonly assigned?: Assignee | "nobody" | undefined;
  readonly after?: InboxCursor | undefined;
  readonly first: number;
}

/** Conversations in the order of their activity, the newest first. */
export async function listItems(tx: TenantTx, wanted: InboxWanted): Promise<StoredInboxItem[]> {
  const { channelIds, mode, assigned, after, first } = wanted;
  const channels = channelIds?.map(toUuid) ?? null;
  const last = after === undefined ? "f".repeat(32) : toUuid(after.conversationId);
  const values = [channels, after?.activeUs ?? null, last, first, mode ?? null];
  if (assigned !== undefined && assigned !== "nobody") {
    return (await tx.query(listAssignedSql, [...values, assigned])).map(toItem);
  }
  const statement = mode === undefined || mode === "bot" ? listByActivitySql : listAttendedSql;
  return (await tx.query(statement, [...values, assigned === "nobody"])).map(toItem);
}

const takeSql = appStatement<{ conversation_id: string }>(
  "conversations.take",
  `update conversations set mode = 'live', state = $4, assignee = $5, assignee_name = $6,
     assigned_at = clock_timestamp(), active_at = now(), updated_at = now()
   where organisation_id = $1 and app_id = $2 and conversation_id = $3 and (assignee is null or assignee = $5)
   returning conversation_id`,
);

export interface Claim {
  readonly conversationId: ConversationId;
  readonly assignee: Assignee;
  readonly assigneeName: Buffer | null;
  readonly state: Buffer;
}

/** Gives a conversation to somebody. False, and nothing done, when somebody else has it: of parallel claims one wins. */
export async function storeClaim(tx: TenantTx, claim: Claim): Promise<boolean> {
  const { conversationId, assignee, assigneeName, state } = claim;
  return (await tx.query(takeSql, [toUuid(conversationId), state, assignee, assigneeName])).length > 0;
}

const leaveSql = appStatement<{ conversation_id: string }>(
  "conversations.leave",
  `update conversations set mode = $4, state = $5, assignee = null, assignee_name = null, assigned_at = null,
     active_at = now(), updated_at = now()
   where organisation_id = $1 and app_id = $2 and conversation_id = $3
     and (assignee is null or assignee is not distinct from $6)
   returning conversation_id`,
);

export interface Leaving {
  readonly conversationId: ConversationId;
  readonly mode: Mode;
  readonly state: Buffer;
  /** Who has it: nothing is done when it is somebody else. */
  readonly assignee: Assignee | undefined;
}

/** Takes a conversation from whoever has it. */
export async function storeLeaving(tx: TenantTx, leaving: Leaving): Promise<boolean> {
  const { conversationId, mode, state, assignee = null } = leaving;
  return (await tx.query(leaveSql, [toUuid(conversationId), mode, state, assignee])).length > 0;
}

const noteActivitySql = appStatement<never>(
  "conversations.note_activity",
  `update conversations set active_at = now() where organisation_id = $1 and app_id = $2 and conversation_id = $3
   and (mode <> 'bot' or active_at < now() - interval '1 minute')`,
);

/** Something was said: the conversation moves to the front, within a minute while the bot has it. */
export async function noteActivity(tx: TenantTx, conversationId: ConversationId): Promise<void> {
  await tx.query(noteActivitySql, [toUuid(conversationId)]);
}

export interface ConversationRow {
  conversation_id: string;
  member_id: string;
  mode: Mode;
  assignee_name: Buffer | null;
}

/** The conversation of a member, by the blind index of the platform's id. */
export const findConversationOfSql = appStatement<ConversationRow>(
  "conversations.find_conversation_of",
  `select c.conversation_id, c.member_id, c.mode, c.assignee_name
   from members m join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.member_id = m.member_id
   where m.organisation_id = $1 and m.app_id = $2 and m.channel_id = $3 and m.external_key = $4`,
);
