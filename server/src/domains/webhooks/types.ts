// The shapes of webhooks.

import type { ChannelId, DeliveryId, EndpointId, Tenant } from "../../kernel/ids.ts";
import type { Ed25519Signer } from "../../platform/crypto/ed25519.ts";

/** What an endpoint may subscribe to. */
export const eventKinds = ["inbound", "outbound", "status"] as const;
export type EventKind = (typeof eventKinds)[number];

export const deliveryStates = ["pending", "delivered", "failed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** An endpoint ready for use, its secrets in the clear. Kept in memory for seconds only. */
export interface Endpoint {
  readonly endpointId: EndpointId;
  readonly channelId: ChannelId;
  readonly url: string;
  readonly events: readonly EventKind[];
  readonly headers: Readonly<Record<string, string>>;
  /** `whsec_` and base64. */
  readonly secret: string;
  /** The secret before the last rotation, and until when it signs too. */
  readonly previous: { readonly secret: string; readonly untilMs: number } | undefined;
  /** Signs `v1a` besides; undefined unless the endpoint asked for it. */
  readonly signer: Ed25519Signer | undefined;
  readonly enabled: boolean;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly tenant: Tenant;
  /** Also the `webhook-id`: the same over all attempts and replays. */
  readonly deliveryId: DeliveryId;
  readonly endpointId: EndpointId;
  /** The exact bytes that are signed and sent. */
  readonly body: Buffer;
  /** Attempts made. */
  readonly attempts: number;
}

/** One attempt, as it is recorded. */
export interface Attempt {
  readonly atMs: number;
  readonly durationMs: number;
  readonly statusCode: number | undefined;
  readonly errorCode: string | undefined;
  /** The beginning of what the endpoint answered. */
  readonly response: string | undefined;
}
