// Who has a conversation. Its mode is in two places, the row and the engine's sealed state, and both change here in one
// transaction that holds the member's lane: no event of the member is processed meanwhile, so the engine neither overwrites
// the mode nor speaks as if it were another. Of people who take a conversation at the same time one wins.

import type { Mode, SessionState } from "@parley/engine";
import { type Caller, isAllowedChannel } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type ChannelId, type ConversationId, fromUuid, type MemberId, toUuid } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { Field, Sealer } from "../keys/index.ts";
import type { Agent } from "./agent.ts";
import { conversationErrors } from "./errors.ts";
import type { ModeChanged } from "./events.ts";
import {
  type ConversationRow,
  findConversationOfSql,
  findItem,
  type StoredInboxItem,
  storeClaim,
  storeLeaving,
} from "./inbox-store.ts";
import { lockClasses, toLane } from "./lane.ts";
import { holdLane } from "./process-store.ts";
import type { Recipient } from "./queue-messages.ts";

function toField(column: "state" | "assignee_name", conversationId: ConversationId): Field {
  return { table: "conversations", column, row: toUuid(conversationId) };
}

/** The member's id on the platform. */
export function openExternalId({ memberId, externalId }: StoredInboxItem, sealer: Sealer): string {
  return sealer.open({ table: "members", column: "external_id", row: toUuid(memberId) }, externalId).toString("utf8");
}

/** The name of whoever has the conversation; undefined when nobody has it or they have none. */
export function openAssigneeName(
  { conversationId, assigneeName }: Pick<StoredInboxItem, "conversationId" | "assigneeName">,
  sealer: Sealer,
): string | undefined {
  if (assigneeName === undefined) return undefined;
  return sealer.open(toField("assignee_name", conversationId), assigneeName).toString("utf8");
}

/**
 * A conversation the caller may see. Throws `conversations.conversation_not_found`.
 * SECURITY: one in a channel beyond the caller's limits answers as one that is not there.
 */
export async function getVisible(
  tx: TenantTx,
  conversationId: ConversationId,
  actor: Caller,
): Promise<StoredInboxItem> {
  const item = await findItem(tx, conversationId);
  if (item !== undefined && isAllowedChannel(actor, item.channelId)) return item;
  throw new AppError(conversationErrors.conversationNotFound);
}

/** The same, with its lane held until the transaction ends, as whoever held it before left it. */
export async function holdVisible(
  tx: TenantTx,
  conversationId: ConversationId,
  actor: Caller,
): Promise<StoredInboxItem> {
  const before = await getVisible(tx, conversationId, actor);
  await holdLane(tx, lockClasses.lane, toLane(before.externalKey));
  return getVisible(tx, conversationId, actor);
}

/** Whom messages of a held conversation go to. */
export function toRecipient(item: StoredInboxItem, sealer: Sealer): Recipient {
  const { memberId, conversationId, externalKey } = item;
  const externalId = openExternalId(item, sealer);
  return { memberId, conversationId, externalId, externalKey, lane: toLane(externalKey), isNew: false };
}

/** What a change of mode needs besides the conversation. */
export interface Attending {
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly correlationId: string;
}

function sealMode(item: StoredInboxItem, mode: Mode, sealer: Sealer): Buffer {
  const field = toField("state", item.conversationId);
  const state: SessionState = JSON.parse(sealer.open(field, item.state).toString("utf8"));
  return sealer.seal(field, JSON.stringify({ ...state, mode }));
}

function toEvent(item: StoredInboxItem, mode: Mode, attending: Attending): ModeChanged {
  const { channelId, memberId, conversationId } = item;
  const { sealer, clock, correlationId } = attending;
  const externalId = openExternalId(item, sealer);
  const ids = { channelId, memberId, conversationId, correlationId };
  return { kind: "mode", mode, ...ids, externalId, atMs: clock.nowMs() };
}

/**
 * Gives a held conversation to somebody: from then on the bot is silent in it. Returns what changed, nothing when they have
 * it already. Throws `conversations.taken` when somebody else has it.
 */
export async function takeHeld(
  tx: TenantTx,
  item: StoredInboxItem,
  what: Attending & { readonly agent: Agent },
): Promise<readonly ModeChanged[]> {
  const { conversationId } = item;
  const { assignee, name } = what.agent;
  if (item.mode === "live" && item.assignee === assignee) return [];
  const sealedName = name === undefined ? null : what.sealer.seal(toField("assignee_name", conversationId), name);
  const state = sealMode(item, "live", what.sealer);
  const isTaken = await storeClaim(tx, { conversationId, assignee, assigneeName: sealedName, state });
  if (!isTaken) throw new AppError(conversationErrors.taken);
  return [{ ...toEvent(item, "live", what), agentName: name }];
}

/**
 * Takes a held conversation from whoever has it and gives it to the bot, or to nobody yet. Returns what changed. Throws
 * `conversations.taken` when somebody else has it and that was not meant.
 */
export async function leaveHeld(
  tx: TenantTx,
  item: StoredInboxItem,
  what: Attending & {
    readonly agent: Pick<Agent, "assignee">;
    readonly mode: "bot" | "queued";
    readonly fromOthers: boolean;
  },
): Promise<readonly ModeChanged[]> {
  const { conversationId, assignee } = item;
  const { mode, agent, fromOthers, sealer } = what;
  const isOthers = assignee !== undefined && assignee !== agent.assignee;
  if (isOthers && !fromOthers) throw new AppError(conversationErrors.taken);
  if (item.mode === mode && assignee === undefined) return [];
  const isLeft = await storeLeaving(tx, { conversationId, mode, state: sealMode(item, mode, sealer), assignee });
  if (!isLeft) throw new AppError(conversationErrors.taken);
  return [toEvent(item, mode, what)];
}

/** A member's conversation, as other domains see it. */
export interface MemberConversation {
  readonly conversationId: ConversationId;
  readonly memberId: MemberId;
  readonly mode: Mode;
  /** The name of the person who has it. */
  readonly agentName: string | undefined;
}

function toMemberConversation(row: ConversationRow, sealer: Sealer): MemberConversation {
  const conversationId = fromUuid("conversation", row.conversation_id);
  const agentName = openAssigneeName({ conversationId, assigneeName: row.assignee_name ?? undefined }, sealer);
  return { conversationId, memberId: fromUuid("member", row.member_id), mode: row.mode, agentName };
}

/** The conversation of a member with a channel, by `toExternalKey`; undefined before the first message. */
export async function findConversationOf(
  tx: TenantTx,
  member: { readonly channelId: ChannelId; readonly externalKey: Buffer },
  sealer: Sealer,
): Promise<MemberConversation | undefined> {
  const row = (await tx.query(findConversationOfSql, [toUuid(member.channelId), member.externalKey]))[0];
  return row === undefined ? undefined : toMemberConversation(row, sealer);
}
