// The SQL of looking back at what was said. A page ends at an id that is always there, so that PostgreSQL finds its
// beginning in the index instead of reading everything before it.

import { type ChannelId, type ConversationId, fromUuid, type MessageId, toUuid } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import type { MessageContent } from "./types.ts";

export interface StoredMessage {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly direction: "inbound" | "outbound";
  readonly source: string;
  /** Sealed: see `openMessage`. */
  readonly content: Buffer;
  readonly createdAt: Date;
  /** What became of an outgoing message; undefined while it waits. */
  readonly status: string | undefined;
  readonly errorCode: string | undefined;
  readonly platformId: Buffer | undefined;
}

interface MessageRow {
  message_id: string;
  conversation_id: string;
  direction: StoredMessage["direction"];
  source: string;
  content: Buffer;
  created_at: Date;
  status: string | null;
  error_code: string | null;
  platform_id: Buffer | null;
}

function toMessage(row: MessageRow): StoredMessage {
  return {
    messageId: fromUuid("message", row.message_id),
    conversationId: fromUuid("conversation", row.conversation_id),
    direction: row.direction,
    source: row.source,
    content: row.content,
    createdAt: row.created_at,
    status: row.status ?? undefined,
    errorCode: row.error_code ?? undefined,
    platformId: row.platform_id ?? undefined,
  };
}

/** What a stored message says. Throws `crypto.unreadable` when it was altered or moved. */
export function openMessage({ messageId, content }: StoredMessage, sealer: Sealer): MessageContent {
  const field = { table: "messages", column: "content", row: toUuid(messageId) };
  return JSON.parse(sealer.open(field, content).toString("utf8"));
}

const [firstUuid, lastUuid] = ["0".repeat(32), "f".repeat(32)];

const selectSql = `select m.message_id, m.conversation_id, m.direction, m.source, m.content, m.created_at, r.status,
     r.error_code, r.platform_id
   from messages m left join receipts r on r.organisation_id = $1 and r.app_id = $2 and r.message_id = m.message_id
   where m.organisation_id = $1 and m.app_id = $2 and m.conversation_id = $3`;

const listMessagesSql = appStatement<MessageRow>(
  "conversations.list_messages",
  `${selectSql} and m.message_id < $4
     and ($6::uuid[] is null or exists (select from conversations c where c.organisation_id = $1 and c.app_id = $2
       and c.conversation_id = $3 and c.channel_id = any($6)))
   order by m.message_id desc limit $5`,
);

/** A conversation's messages before a cursor, newest first; none when it is in another than the named channels. */
export async function listMessages(
  tx: TenantTx,
  conversationId: ConversationId,
  page: { after?: MessageId | undefined; first: number; channelIds?: readonly ChannelId[] | undefined },
): Promise<StoredMessage[]> {
  const after = page.after === undefined ? lastUuid : toUuid(page.after);
  const channels = page.channelIds === undefined ? null : page.channelIds.map(toUuid);
  const rows = await tx.query(listMessagesSql, [toUuid(conversationId), after, page.first, channels]);
  return rows.map(toMessage);
}

const findMessageSql = appStatement<MessageRow>("conversations.find_message", `${selectSql} and m.message_id = $4`);

/** A message of this conversation. SECURITY: one of another conversation is not found, whatever its id. */
export async function findMessage(
  tx: TenantTx,
  conversationId: ConversationId,
  messageId: MessageId,
): Promise<StoredMessage | undefined> {
  const row = (await tx.query(findMessageSql, [toUuid(conversationId), toUuid(messageId)]))[0];
  return row === undefined ? undefined : toMessage(row);
}

const listBackwardSql = appStatement<MessageRow>(
  "conversations.list_messages_backward",
  `${selectSql} and m.message_id >= $4 and m.message_id < $5 order by m.message_id desc limit $6`,
);

const listForwardSql = appStatement<MessageRow>(
  "conversations.list_messages_forward",
  `${selectSql} and m.message_id > $4 and m.message_id < $5 order by m.message_id limit $6`,
);

/** Between which ids to look: from the first on, up to but without the last. */
interface Range {
  readonly from: string;
  readonly to: string;
  readonly first: number;
}

async function listBackward(tx: TenantTx, conversationId: ConversationId, range: Range): Promise<StoredMessage[]> {
  if (range.first === 0) return [];
  const rows = await tx.query(listBackwardSql, [toUuid(conversationId), range.from, range.to, range.first]);
  return rows.map(toMessage).reverse();
}

/** The lowest id of a message made so many milliseconds before this one (RFC 9562 5.7: the first 48 bits are the time). */
function toUuidBefore(messageId: MessageId, ms: number): string {
  const madeAtMs = Number.parseInt(toUuid(messageId).slice(0, 12), 16);
  return Math.max(0, madeAtMs - ms)
    .toString(16)
    .padStart(12, "0")
    .padEnd(32, "0");
}

export interface MessagesWanted {
  /** Behind this one. */
  readonly after?: MessageId | undefined;
  /** Before this one. */
  readonly before?: MessageId | undefined;
  /**
   * With `after`: how many milliseconds the clocks of processes may differ by. What is that much older than `after` may have
   * been stored behind it, so it is given once more.
   */
  readonly overlapMs: number;
  /** At most so many, at least 1. */
  readonly first: number;
}

/**
 * A part of a conversation, oldest first: what is behind `after`, what ends before `before`, or its end. With `after`, some
 * of those just before it come first (less than half of `first`), and at least one behind it comes if there is one: whoever
 * goes on from the highest id it was given gets to the end, and leaves out what it has. `first` messages mean that there
 * may be more.
 */
export async function listMessagesSince(
  tx: TenantTx,
  conversationId: ConversationId,
  { after, before, overlapMs, first }: MessagesWanted,
): Promise<StoredMessage[]> {
  const to = before === undefined ? lastUuid : toUuid(before);
  if (after === undefined) return listBackward(tx, conversationId, { from: firstUuid, to, first });
  const cursor = toUuid(after);
  const overlap = { from: toUuidBefore(after, overlapMs), to: cursor, first: Math.floor((first - 1) / 2) };
  const [earlier, rows] = await Promise.all([
    listBackward(tx, conversationId, overlap),
    tx.query(listForwardSql, [toUuid(conversationId), cursor, to, first]),
  ]);
  return [...earlier, ...rows.slice(0, first - earlier.length).map(toMessage)];
}
