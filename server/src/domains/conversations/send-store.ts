// The SQL of sending: leases, results, and reading back what another process left.

import {
  type ChannelId,
  type ConversationId,
  fromUuid,
  type MemberId,
  type MessageId,
  toUuid,
} from "../../kernel/ids.ts";
import { appStatement, systemStatement, type TenantTx } from "../../platform/db/index.ts";
import type { Lease } from "./outcome-store.ts";

/** Leases the lanes whose first message is due and free, and returns all their messages. */
export const claimOutboxSql = systemStatement<{
  organisation_id: string;
  app_id: string;
  message_id: string;
  lane: number;
  sequence: string;
}>(
  "conversations.claim_outbox",
  "select organisation_id, app_id, message_id, lane, sequence from parley_claim_outbox($1, $2, $3, $4)",
);

export interface OutboxPosition {
  readonly lane: number;
  readonly sequence: string;
}

export interface ClaimedSending extends OutboxPosition {
  readonly messageId: MessageId;
  readonly channelId: ChannelId;
  readonly conversationId: ConversationId;
  readonly memberId: MemberId;
  readonly externalId: Buffer;
  readonly content: Buffer;
  readonly source: "bot" | "manual";
  readonly attempts: number;
  readonly correlationId: string;
  readonly createdAt: Date;
  /** The bot's, from before a person took the conversation. */
  readonly isOvertaken: boolean;
}

interface ClaimedRow {
  message_id: string;
  channel_id: string;
  conversation_id: string;
  member_id: string;
  external_id: Buffer;
  content: Buffer;
  source: "bot" | "manual";
  lane: number;
  sequence: string;
  attempts: number;
  correlation_id: string;
  created_at: Date;
  is_overtaken: boolean;
}

const loadSendingsSql = appStatement<ClaimedRow>(
  "conversations.load_sendings",
  `select o.message_id, o.channel_id, o.conversation_id, c.member_id, mb.external_id, m.content, m.source, o.lane,
     o.sequence, o.attempts, o.correlation_id, o.created_at,
     m.source = 'bot' and c.mode = 'live' and m.created_at < coalesce(c.assigned_at, '-infinity') as is_overtaken
   from unnest($3::integer[], $4::bigint[]) as x (lane, sequence)
   join outbox o on o.organisation_id = $1 and o.app_id = $2 and o.lane = x.lane and o.sequence = x.sequence
   join messages m on m.organisation_id = $1 and m.app_id = $2 and m.message_id = o.message_id
   join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = o.conversation_id
   join members mb on mb.organisation_id = $1 and mb.app_id = $2 and mb.member_id = c.member_id
   order by o.sequence`,
);

/** What claimed messages say and to whom, in order. */
export async function loadSendings(tx: TenantTx, positions: readonly OutboxPosition[]): Promise<ClaimedSending[]> {
  const values = [positions.map((one) => one.lane), positions.map((one) => one.sequence)];
  const rows = await tx.query(loadSendingsSql, values);
  return rows.map((row) => ({
    messageId: fromUuid("message", row.message_id),
    channelId: fromUuid("channel", row.channel_id),
    conversationId: fromUuid("conversation", row.conversation_id),
    memberId: fromUuid("member", row.member_id),
    externalId: row.external_id,
    content: row.content,
    source: row.source,
    lane: row.lane,
    sequence: row.sequence,
    attempts: row.attempts,
    correlationId: row.correlation_id,
    createdAt: row.created_at,
    isOvertaken: row.is_overtaken,
  }));
}

export interface SentMessage extends OutboxPosition {
  readonly messageId: MessageId;
  readonly status: "sent" | "failed";
  readonly platformKey: Buffer | undefined;
  readonly platformId: Buffer | undefined;
  readonly errorCode: string | undefined;
}

const recordSentSql = appStatement<never>(
  "conversations.record_sent",
  `with gone as (
     delete from outbox o using unnest($3::integer[], $4::bigint[]) as x (lane, sequence)
     where o.organisation_id = $1 and o.app_id = $2 and o.lane = x.lane and o.sequence = x.sequence)
   insert into receipts (organisation_id, app_id, message_id, status, platform_key, platform_id, error_code, sent_at, failed_at)
   select $1, $2, x.message_id, x.status, x.platform_key, x.platform_id, x.error_code,
     case when x.status = 'sent' then now() end, case when x.status = 'failed' then now() end
   from unnest($5::uuid[], $6::text[], $7::bytea[], $8::bytea[], $9::text[])
     as x (message_id, status, platform_key, platform_id, error_code)
   on conflict do nothing`,
);

const recordOneSentSql = appStatement<never>(
  "conversations.record_one_sent",
  `with gone as (
     delete from outbox where organisation_id = $1 and app_id = $2 and lane = $3 and sequence = $4)
   insert into receipts (organisation_id, app_id, message_id, status, platform_key, platform_id, error_code, sent_at, failed_at)
   values ($1, $2, $5, $6::text, $7, $8, $9, case when $6::text = 'sent' then now() end,
     case when $6::text = 'failed' then now() end)
   on conflict do nothing`,
);

/** Records what became of messages and takes them out of the outbox. */
export async function recordSent(tx: TenantTx, sent: readonly SentMessage[]): Promise<void> {
  const [one, second] = sent;
  if (one !== undefined && second === undefined) {
    const { lane, sequence, messageId, status, platformKey = null, platformId = null, errorCode = null } = one;
    const values = [lane, sequence, toUuid(messageId), status, platformKey, platformId, errorCode];
    await tx.query(recordOneSentSql, values);
    return;
  }
  await tx.query(recordSentSql, [
    sent.map((one) => one.lane),
    sent.map((one) => one.sequence),
    sent.map((one) => toUuid(one.messageId)),
    sent.map((one) => one.status),
    sent.map((one) => one.platformKey ?? null),
    sent.map((one) => one.platformId ?? null),
    sent.map((one) => one.errorCode ?? null),
  ]);
}

const releaseSql = appStatement<never>(
  "conversations.release",
  `update outbox o set lease_owner = null, lease_until = null,
     due_at = case when x.is_first then to_timestamp($6::double precision / 1000) else o.due_at end,
     attempts = o.attempts + case when x.is_first and $7 then 1 else 0 end
   from unnest($3::integer[], $4::bigint[], $5::boolean[]) as x (lane, sequence, is_first)
   where o.organisation_id = $1 and o.app_id = $2 and o.lane = x.lane and o.sequence = x.sequence`,
);

/**
 * Frees messages of this process. The first of each lane is due at `dueAtMs`, and its attempt counts when it `wasTried`;
 * what is behind it waits for it.
 */
export async function releaseSendings(
  tx: TenantTx,
  positions: readonly OutboxPosition[],
  when: { dueAtMs: number; wasTried: boolean },
): Promise<void> {
  const seen = new Set<number>();
  const isFirst = positions.map(({ lane }) => {
    if (seen.has(lane)) return false;
    seen.add(lane);
    return true;
  });
  const values = [positions.map((one) => one.lane), positions.map((one) => one.sequence), isFirst];
  await tx.query(releaseSql, [...values, when.dueAtMs, when.wasTried]);
}

export type { Lease };
