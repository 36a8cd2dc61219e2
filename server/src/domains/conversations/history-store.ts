// The SQL of looking back at what the engine did.

import { type ChannelId, type ConversationId, fromUuid, type TraceId, toUuid } from "../../kernel/ids.ts";
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
