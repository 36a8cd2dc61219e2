// How an endpoint is shown. Secrets and the values of custom headers go in and never come out.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { Sealer } from "../../keys/index.ts";
import { endpointBounds } from "../create-endpoint.ts";
import { headerBounds } from "../custom-headers.ts";
import { openOf } from "../endpoint.ts";
import type { StoredEndpoint } from "../endpoint-store.ts";
import { eventKinds } from "../types.ts";

const { nameLength, valueLength, count } = headerBounds;

export const urlField = z.string().min(1).max(endpointBounds.urlLength);
export const eventsField = z.array(z.enum(eventKinds)).min(1).max(eventKinds.length);
export const headersField = z
  .record(z.string().min(1).max(nameLength), z.string().max(valueLength))
  .meta({ wire: { type: "object", additionalProperties: { type: "string", maxLength: valueLength } } });

export const EndpointView = z.object({
  endpointId: idOf("endpoint"),
  channelId: idOf("channel"),
  url: urlField,
  events: eventsField,
  /** The names of the custom headers. */
  headerNames: z.array(z.string().max(nameLength)).max(count),
  enabled: z.boolean(),
  /** Why Parley switched it off. */
  disabledReason: z.string().max(200).optional(),
  /** The first failure after the last success. */
  failingSince: z.iso.datetime().optional(),
  /** Until when the secret before the last rotation signs too. */
  previousSecretUntil: z.iso.datetime().optional(),
  /** The Ed25519 key that `v1a` signatures verify with. */
  publicKey: z.string().max(100).optional(),
  createdAt: z.iso.datetime(),
});

/** SECURITY: neither a secret nor a header's value is in a view. */
export function toEndpointView(stored: StoredEndpoint, sealer: Sealer): z.infer<typeof EndpointView> {
  const { endpointId, channelId, events, enabled, disabledReason, failingSince, previousUntil, publicKey } = stored;
  const headers: Record<string, string> = JSON.parse(
    openOf(sealer, endpointId, { column: "headers", sealed: stored.headers }),
  );
  return {
    ...{ endpointId, channelId, events: [...events], enabled },
    url: openOf(sealer, endpointId, { column: "url", sealed: stored.url }),
    headerNames: Object.keys(headers),
    createdAt: stored.createdAt.toISOString(),
    ...(disabledReason === undefined ? {} : { disabledReason }),
    ...(failingSince === undefined ? {} : { failingSince: failingSince.toISOString() }),
    ...(previousUntil === undefined ? {} : { previousSecretUntil: previousUntil.toISOString() }),
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}
