// Queues messages for one member on somebody's behalf (Bot API, people who answer), in the caller's transaction. It holds
// the member's lane, so the messages stand in order with what the bot says.

import { initialState, type OutgoingMessage } from "@parley/engine";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type ChannelId, type ConversationId, type MemberId, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { findChannel, type StoredChannel } from "../channels/index.ts";
import type { Sealer } from "../keys/index.ts";
import { conversationErrors } from "./errors.ts";
import { noteActivity } from "./inbox-store.ts";
import { lockClasses, toExternalKey, toLane } from "./lane.ts";
import { type Lease, storeOutcome } from "./outcome-store.ts";
import { emptyOutcome, findMember, holdLane, isLaneBehind } from "./process-store.ts";
import type { Author, MessageContent, Sending } from "./types.ts";

export interface Recipient {
  readonly memberId: MemberId;
  readonly conversationId: ConversationId;
  readonly externalId: string;
  readonly externalKey: Buffer;
  readonly lane: number;
  readonly isNew: boolean;
}

export interface RecipientChoice {
  readonly channelId: ChannelId;
  readonly memberId?: MemberId | undefined;
  readonly recipientId?: string | undefined;
}

/** The channel, switched on. Throws `conversations.channel_not_found` or `conversations.channel_off`. */
export async function getChannelOn(tx: TenantTx, channelId: ChannelId): Promise<StoredChannel> {
  const channel = await findChannel(tx, channelId);
  if (channel === undefined) throw new AppError(conversationErrors.channelNotFound);
  if (!channel.enabled) throw new AppError(conversationErrors.channelOff);
  return channel;
}

/**
 * Finds whom to write to and holds their lane. A platform id nobody wrote from yet begins a member.
 * Throws `conversations.member_not_found` for a member id that is not in the channel.
 */
export async function findRecipient(tx: TenantTx, choice: RecipientChoice, sealer: Sealer): Promise<Recipient> {
  const { channelId, memberId, recipientId } = choice;
  const wantedKey = recipientId === undefined ? undefined : toExternalKey(sealer, channelId, recipientId);
  // The lane is known before the member is: two first messages to one stranger must not make two members.
  if (wantedKey !== undefined) await holdLane(tx, lockClasses.lane, toLane(wantedKey));
  const by = memberId === undefined ? { externalKey: wantedKey } : { memberId };
  const found = await findMember(tx, channelId, by);
  if (found === undefined) {
    if (recipientId === undefined || wantedKey === undefined) throw new AppError(conversationErrors.memberNotFound);
    const ids = { memberId: newId("member"), conversationId: newId("conversation") };
    return { ...ids, externalId: recipientId, externalKey: wantedKey, lane: toLane(wantedKey), isNew: true };
  }
  const lane = toLane(found.externalKey);
  if (wantedKey === undefined) await holdLane(tx, lockClasses.lane, lane);
  const field = { table: "members", column: "external_id", row: toUuid(found.memberId) };
  const externalId = sealer.open(field, found.externalId).toString("utf8");
  const { conversationId, externalKey } = found;
  return { memberId: found.memberId, conversationId, externalId, externalKey, lane, isNew: false };
}

/** What is said, to whom, and by whom: nobody for what a program says. */
export interface ToQueue {
  readonly channelId: ChannelId;
  readonly recipient: Recipient;
  readonly messages: readonly OutgoingMessage[];
  readonly by?: Author | undefined;
}

export interface QueueOptions {
  readonly sealer: Sealer;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly correlationId: string;
}

/** Queues messages in order; the caller holds the lane. Returns what this process may send once the transaction has committed, and all ids. */
export async function queueMessages(
  tx: TenantTx,
  what: ToQueue,
  options: QueueOptions,
): Promise<{ messageIds: Sending["messageId"][]; leased: Sending[] }> {
  const { recipient, channelId } = what;
  const { conversationId, memberId, externalId, lane } = recipient;
  const isBehind = await isLaneBehind(tx, lane, options.lease.owner);
  const outcome = emptyOutcome();
  if (recipient.isNew) addMember(outcome, what, options.sealer);
  const sendings = what.messages.map((message): Omit<Sending, "sequence"> => {
    const messageId = newId("message");
    const content: MessageContent = { direction: "outbound", message, ...(what.by !== undefined && { by: what.by }) };
    const field = { table: "messages", column: "content", row: toUuid(messageId) };
    const sealed = options.sealer.seal(field, JSON.stringify(content));
    const ids = { messageId, conversationId, channelId, correlationId: options.correlationId };
    outcome.messages.push({ messageId, conversationId, direction: "outbound", source: "manual", content: sealed });
    outcome.sendings.push({ ...ids, lane, isBehind });
    const createdAtMs = options.clock.nowMs();
    const rest = {
      tenant: tx.tenant,
      memberId,
      externalId,
      message,
      source: "manual" as const,
      attempts: 0,
      createdAtMs,
    };
    return { ...ids, ...rest, laneNumber: lane };
  });
  const noting = recipient.isNew ? undefined : noteActivity(tx, conversationId);
  const [queued] = await Promise.all([storeOutcome(tx, outcome, options.lease), noting]);
  const rows = new Map(queued.map((row) => [row.messageId, row]));
  const leased = sendings.flatMap((sending) => {
    const row = rows.get(sending.messageId);
    return row?.leaseOwner === undefined ? [] : [{ ...sending, sequence: row.sequence }];
  });
  return { messageIds: sendings.map((sending) => sending.messageId), leased };
}

function addMember(
  outcome: ReturnType<typeof emptyOutcome>,
  what: { channelId: ChannelId; recipient: Recipient },
  sealer: Sealer,
): void {
  const { channelId, recipient } = what;
  const { memberId, conversationId, externalKey } = recipient;
  const row = toUuid(memberId);
  outcome.members.push({
    memberId,
    channelId,
    externalKey,
    externalId: sealer.seal({ table: "members", column: "external_id", row }, recipient.externalId),
    profile: sealer.seal({ table: "members", column: "profile", row }, JSON.stringify({ fields: {} })),
  });
  const field = { table: "conversations", column: "state", row: toUuid(conversationId) };
  const state = sealer.seal(field, JSON.stringify(initialState));
  outcome.conversations.push({ conversationId, memberId, channelId, mode: initialState.mode, state, isNew: true });
}
