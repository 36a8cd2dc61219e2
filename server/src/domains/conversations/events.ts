// What conversations tell the rest of the product. Events are handed over inside the transaction that makes them true, so
// whoever records them records them with it or not at all.

import type { OutgoingMessage } from "@parley/engine";
import type { ChannelId, ConversationId, EventId, MemberId, MessageId } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { InboundMessage, InboundStatus } from "../channels/index.ts";
import type { Sealer } from "../keys/index.ts";
import type { MemberProfile } from "./types.ts";

interface Common {
  readonly channelId: ChannelId;
  readonly channelSettings: Readonly<Record<string, string>>;
  readonly memberId: MemberId;
  readonly conversationId: ConversationId;
  readonly atMs: number;
  readonly correlationId: string;
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

export type ConversationEvent = InboundReceived | OutboundSent | StatusChanged;

/** Records events of one app in its transaction; what it returns runs after the commit. */
export type Publish = (tx: TenantTx, events: readonly ConversationEvent[], sealer: Sealer) => Promise<void>;
