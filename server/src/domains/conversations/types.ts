// The shapes of conversations.

import type { OutgoingMessage } from "@parley/engine";
import type { ChannelId, ConversationId, EventId, MemberId, MessageId, Tenant, UserId } from "../../kernel/ids.ts";
import type { InboundMessage, InboundNotice, InboundStatus, Json } from "../channels/index.ts";

/** A jump to a node, asked for through the Bot API. */
export interface RedirectEvent {
  readonly kind: "redirect";
  readonly externalId: string;
  readonly treeId: string;
  readonly compositeId: string;
  readonly runPreActions: boolean;
  readonly sendResponses: boolean;
  readonly runPostActions: boolean;
  readonly meta: Json;
}

/** What waits in the queue. */
export type PipelineEvent = InboundMessage | InboundStatus | InboundNotice | RedirectEvent;

export interface MemberProfile {
  readonly name?: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** The person who wrote a message. The member is shown the name and nothing else. */
export interface Author {
  readonly userId?: UserId;
  readonly name?: string;
}

/** What a message says, as stored (encrypted). */
export type MessageContent =
  | { readonly direction: "inbound"; readonly message: InboundMessage }
  | {
      readonly direction: "outbound";
      readonly message: OutgoingMessage;
      readonly node?: string;
      /** Missing for what the bot, or a program, says. */
      readonly by?: Author;
    };

/** An outgoing message on its way to the platform. */
export interface Sending {
  readonly tenant: Tenant;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly memberId: MemberId;
  readonly channelId: ChannelId;
  readonly externalId: string;
  readonly message: OutgoingMessage;
  readonly source: "bot" | "manual";
  readonly laneNumber: number;
  readonly sequence: string;
  readonly attempts: number;
  readonly correlationId: string;
  readonly createdAtMs: number;
  /** The bot's, and a person took the conversation before it could be sent. */
  readonly isOvertaken?: boolean;
}

/** What became of one attempt's message, for whoever waits for it. */
export interface SendResult {
  readonly messageId: MessageId;
  readonly status: "sent" | "failed" | "queued";
  readonly platformMessageId?: string | undefined;
  readonly errorCode?: string;
  readonly errorText?: string;
}

/** What became of an event, for whoever waits for it. */
export interface EventResult {
  readonly eventId: EventId;
  readonly outcome: "answered" | "silent" | "failed" | "recorded";
  readonly messageIds: readonly MessageId[];
}
