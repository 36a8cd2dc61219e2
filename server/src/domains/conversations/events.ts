// What conversations tell the rest of the product. Events are handed over inside the transaction that makes them true, so
// whoever records them records them with it or not at all.

import type { Mode, OutgoingMessage } from "@parley/engine";
import type { ChannelId, ConversationId, EventId, MemberId, MessageId } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { InboundMessage, InboundStatus } from "../channels/index.ts";
import type { Sealer } from "../keys/index.ts";
import type { MemberProfile } from "./types.ts";

interface Place {
  readonly channelId: ChannelId;
  readonly memberId: MemberId;
  readonly conversationId: ConversationId;
  readonly atMs: number;
  readonly correlationId: string;
}

interface Common extends Place {
  readonly channelSettings: Readonly<Record<string, string>>;
}

export interface InboundReceived extends Common {
  readonly kind: "inbound";
  readonly eventId: EventId;
  readonly message: InboundMessage;
  readonly profile: MemberProfile;
}

export interface OutboundSent extends Common {
  readonly kind: "outbound";
  readonly messageId: MessageId;
  readonly source: "bot" | "manual";
  readonly externalId: string;
  readonly message: OutgoingMessage;
  readonly platformMessageId: string | undefined;
}

export interface StatusChanged extends Common {
  readonly kind: "status";
  readonly eventId: EventId;
  readonly messageId: MessageId;
  readonly status: InboundStatus;
}

/** Somebody else has the conversation: the bot, a person, or nobody yet. */
export interface ModeChanged extends Place {
  readonly kind: "mode";
  /** The member's id on the platform. */
  readonly externalId: string;
  readonly mode: Mode;
  /** The name of the person who has it, as the member may see it. */
  readonly agentName?: string | undefined;
}

/** A person who answers is writing, or stopped. Kept nowhere. */
export interface AgentTyping extends Place {
  readonly kind: "typing";
  /** The member's id on the platform. */
  readonly externalId: string;
  readonly isTyping: boolean;
}

/** What was said, and what became of it: of interest outside the product too. */
export type MessageEvent = InboundReceived | OutboundSent | StatusChanged;

export type ConversationEvent = MessageEvent | ModeChanged | AgentTyping;

/** Answers whether an event is about a message. */
export function isMessageEvent(event: ConversationEvent): event is MessageEvent {
  return event.kind !== "mode" && event.kind !== "typing";
}

/** Records events of one app in its transaction; what it returns runs after the commit. */
export type Publish = (tx: TenantTx, events: readonly ConversationEvent[], sealer: Sealer) => Promise<void>;
