// The SQL of looking back: traces and messages.

import {
  type ChannelId,
  type ConversationId,
  fromUuid,
  type MessageId,
  type TraceId,
  toUuid,
} from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";

export interface StoredTrace {
  readonly traceId: TraceId;
  readonly channelId: ChannelId;
  readonly conversationId: ConversationId | undefined;
  readonly outcome: "answered" | "silent" | "failed" | "recorded";
  readonly content: Buffer;
  readonly startedAt: Date;
}

interface TraceRow {
  trace_id: string;
  channel_id: string;
  conversation_id: string | null;
  outcome: StoredTrace["outcome"];
  content: Buffer;
  started_at: Date;
}

function toTrace(row: TraceRow): StoredTrace {
  return {
    traceId: fromUuid("trace", row.trace_id),
    channelId: fromUuid("channel", row.channel_id),
    conversationId: row.conversation_id === null ? undefined : fromUuid("conversation", row.conversation_id),
    outcome: row.outcome,
    content: row.content,
    startedAt: row.started_at,
  };
}

const traceColumns = "trace_id, channel_id, conversation_id, outcome, content, started_at";

const findTraceSql = appStatement<TraceRow>(
  "conversations.find_trace",
  `select ${traceColumns} from traces where organisation_id = $1 and app_id = $2 and trace_id = $3`,
);

export async function findTrace(tx: TenantTx, traceId: TraceId): Promise<StoredTrace | undefined> {
  const row = (await tx.query(findTraceSql, [toUuid(traceId)]))[0];
  return row === undefined ? undefined : toTrace(row);
}

const listTracesSql = appStatement<TraceRow>(
  "conversations.list_traces",
  `select ${traceColumns} from traces where organisation_id = $1 and app_id = $2
   and ($3::uuid is null or trace_id < $3) and ($4::uuid is null or channel_id = $4)
   order by trace_id desc limit $5`,
);

/** Traces before a cursor, newest first. */
export async function listTraces(
  tx: TenantTx,
  page: { after?: TraceId | undefined; channelId?: ChannelId | undefined; first: number },
): Promise<StoredTrace[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  const channel = page.channelId === undefined ? null : toUuid(page.channelId);
  return (await tx.query(listTracesSql, [after, channel, page.first])).map(toTrace);
}

export interface StoredMessage {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly direction: "inbound" | "outbound";
  readonly source: string;
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

const listMessagesSql = appStatement<MessageRow>(
  "conversations.list_messages",
  `select m.message_id, m.conversation_id, m.direction, m.source, m.content, m.created_at, r.status, r.error_code,
     r.platform_id
   from messages m left join receipts r on r.organisation_id = $1 and r.app_id = $2 and r.message_id = m.message_id
   where m.organisation_id = $1 and m.app_id = $2 and m.conversation_id = $3
     and ($4::uuid is null or m.message_id < $4)
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
  const after = page.after === undefined ? null : toUuid(page.after);
  const channels = page.channelIds === undefined ? null : page.channelIds.map(toUuid);
  const rows = await tx.query(listMessagesSql, [toUuid(conversationId), after, page.first, channels]);
  return rows.map((row) => ({
    messageId: fromUuid("message", row.message_id),
    conversationId: fromUuid("conversation", row.conversation_id),
    direction: row.direction,
    source: row.source,
    content: row.content,
    createdAt: row.created_at,
    status: row.status ?? undefined,
    errorCode: row.error_code ?? undefined,
    platformId: row.platform_id ?? undefined,
  }));
}
