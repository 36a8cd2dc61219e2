// The shapes channels hand to the rest of the product: what a platform told us, in one vocabulary for all platforms.

import type { AppId, ChannelId, OrganisationId } from "../../kernel/ids.ts";

export type MessageType =
  | "text"
  | "payload"
  | "image"
  | "audio"
  | "video"
  | "file"
  | "location"
  | "contacts"
  | "reaction"
  | "event"
  | "unknown";

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface InboundMessage {
  readonly kind: "message";
  /** The platform's id of this message: the replay key. */
  readonly platformMessageId: string;
  /** The member's id on the platform. */
  readonly externalId: string;
  /** Other ids the platform vouches for as the same member, who may be known to us by one of them. */
  readonly alternateIds?: readonly string[];
  readonly profileName?: string;
  /** The language the member reads, as far as the platform knows: a conversation begins in it. */
  readonly locale?: string;
  readonly sentAtMs: number;
  readonly type: MessageType;
  readonly text?: string;
  /** The payload of a button, quick reply or list row. */
  readonly payload?: string;
  /** The title of the button or row that was chosen. */
  readonly title?: string;
  /** The name of an `event`. */
  readonly eventType?: string;
  /** Everything else the platform said about it: media ids, coordinates, contacts, what it replies to. */
  readonly data?: Json;
}

export interface InboundStatus {
  readonly kind: "status";
  readonly platformMessageId: string;
  readonly externalId: string;
  /** Our message id, when the platform echoes it. */
  readonly reference?: string;
  readonly status: "sent" | "delivered" | "read" | "failed" | "deleted";
  readonly atMs: number;
  readonly errorCode?: string;
  readonly errorText?: string;
}

/** A notice about the account rather than a member: shown as the channel's health. */
export interface InboundNotice {
  readonly kind: "notice";
  /** Stable for the same notice sent twice. */
  readonly noticeKey: string;
  readonly code: string;
  readonly text: string;
  readonly atMs: number;
}

export type InboundEvent = InboundMessage | InboundStatus | InboundNotice;

/** Where a channel lives, as found from its id alone. */
export interface ChannelAddress {
  readonly organisationId: OrganisationId;
  readonly appId: AppId;
  readonly channelId: ChannelId;
}
