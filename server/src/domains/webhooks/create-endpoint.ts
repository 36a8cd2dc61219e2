// Makes and changes webhook endpoints. What is saved is checked here, and by the outbound client once more whenever it is
// used: a name that was public yesterday may point inside today.

import type { Clock } from "../../kernel/clock.ts";
import { AppError, type FieldMistake } from "../../kernel/errors.ts";
import type { ChannelId, EndpointId } from "../../kernel/ids.ts";
import { createEd25519Pair } from "../../platform/crypto/ed25519.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { OutboundClient } from "../../platform/outbound/index.ts";
import { channelErrors, drawWebhookSecret, findChannel } from "../channels/index.ts";
import type { Sealer } from "../keys/index.ts";
import { bumpRevision } from "../organisations/index.ts";
import { listHeaderMistakes } from "./custom-headers.ts";
import { openOf, sealOf, sealSigningKey, toPublicKeyText } from "./endpoint.ts";
import {
  changeEndpoint,
  deleteEndpoint,
  findEndpoint,
  insertEndpoint,
  lockSecret,
  rotateStoredSecret,
  type StoredEndpoint,
} from "./endpoint-store.ts";
import { webhookErrors } from "./errors.ts";
import type { EventKind } from "./types.ts";

export const endpointBounds = { perChannel: 10, urlLength: 2048, overlapHoursMax: 168, overlapHours: 24 } as const;

export interface EndpointInput {
  readonly channelId: ChannelId;
  readonly url: string;
  readonly events: readonly EventKind[];
  readonly headers: Readonly<Record<string, string>>;
  /** Signs `v1a` (Ed25519) besides. */
  readonly asymmetric?: boolean | undefined;
}

export interface CreatedEndpoint {
  readonly endpointId: EndpointId;
  /** Shown once. */
  readonly secret: string;
  readonly publicKey: string | undefined;
}

export interface EndpointDeps {
  readonly sealer: Sealer;
  readonly outbound: Pick<OutboundClient, "assertAllowedUrl">;
}

function listUrlMistakes(url: string, outbound: EndpointDeps["outbound"]): FieldMistake[] {
  if (url.length > endpointBounds.urlLength) {
    return [{ path: "url", message: `is longer than ${endpointBounds.urlLength} characters` }];
  }
  try {
    outbound.assertAllowedUrl(url);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ path: "url", message: error.detail }];
  }
}

/** Throws `webhooks.invalid_endpoint` naming every field that cannot be saved. */
function assertSavable(endpoint: EndpointUpdate, outbound: EndpointDeps["outbound"]): void {
  const { url, events, headers } = endpoint;
  const mistakes = [
    ...(url === undefined ? [] : listUrlMistakes(url, outbound)),
    ...(events?.length === 0 ? [{ path: "events", message: "names no event" }] : []),
    ...(headers === undefined ? [] : listHeaderMistakes(headers)),
  ];
  if (mistakes.length > 0) throw new AppError(webhookErrors.invalidEndpoint, { mistakes });
}

/**
 * Makes an endpoint, switched on. Throws `webhooks.invalid_endpoint` naming the fields, `channels.not_found`, or
 * `webhooks.too_many_endpoints`. `secret` takes one that its receiver has already, for the demo.
 */
export async function createEndpoint(
  tx: TenantTx,
  input: EndpointInput,
  deps: EndpointDeps & { readonly secret?: string },
): Promise<CreatedEndpoint> {
  const { channelId, url, events, headers } = input;
  assertSavable(input, deps.outbound);
  if ((await findChannel(tx, channelId)) === undefined) throw new AppError(channelErrors.notFound);
  const endpointId = newId("endpoint");
  const secret = deps.secret ?? drawWebhookSecret();
  const pair = input.asymmetric === true ? createEd25519Pair() : undefined;
  const seal = (column: "url" | "headers" | "secret", text: string): Buffer =>
    sealOf(deps.sealer, endpointId, { column, text });
  const publicKey = pair === undefined ? undefined : toPublicKeyText(pair);
  const endpoint = {
    ...{ endpointId, channelId, events: [...new Set(events)], publicKey },
    url: seal("url", url),
    headers: seal("headers", JSON.stringify(headers)),
    secret: seal("secret", secret),
    signingKey: pair === undefined ? undefined : sealSigningKey(deps.sealer, endpointId, pair),
  };
  const isStored = await insertEndpoint(tx, endpoint, endpointBounds.perChannel);
  if (!isStored) throw new AppError(webhookErrors.tooMany);
  await bumpRevision(tx);
  return { endpointId, secret, publicKey };
}

export interface EndpointUpdate {
  readonly url?: string | undefined;
  readonly events?: readonly EventKind[] | undefined;
  /** Replaces all of them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly enabled?: boolean | undefined;
}

/**
 * Throws `webhooks.invalid_endpoint` when an endpoint that has custom headers would move to another origin with them.
 * SECURITY: headers are often a credential and were given for one origin; whoever may change the address may not read them,
 * so they are not sent elsewhere before somebody gives them again.
 */
async function assertHeadersStay(
  tx: TenantTx,
  update: EndpointUpdate & { readonly endpointId: EndpointId },
  sealer: Sealer,
): Promise<void> {
  const { endpointId, url, headers } = update;
  if (url === undefined || headers !== undefined) return;
  // Locked, so that no headers are added between this look and the change.
  if ((await lockSecret(tx, endpointId)) === undefined) throw new AppError(webhookErrors.endpointNotFound);
  const stored = await findEndpoint(tx, endpointId);
  if (stored === undefined) throw new AppError(webhookErrors.endpointNotFound);
  const before = openOf(sealer, endpointId, { column: "url", sealed: stored.url });
  if (new URL(before).origin === new URL(url).origin) return;
  if (openOf(sealer, endpointId, { column: "headers", sealed: stored.headers }) === "{}") return;
  const message = "must be given with an address of another host: those that are stored were given for the former one";
  throw new AppError(webhookErrors.invalidEndpoint, { mistakes: [{ path: "headers", message }] });
}

/** Changes an endpoint. Throws `webhooks.invalid_endpoint` or `webhooks.endpoint_not_found`. */
export async function updateEndpoint(
  tx: TenantTx,
  update: EndpointUpdate & { readonly endpointId: EndpointId },
  deps: EndpointDeps,
): Promise<StoredEndpoint> {
  const { endpointId, url, events, headers, enabled } = update;
  assertSavable(update, deps.outbound);
  await assertHeadersStay(tx, update, deps.sealer);
  const seal = (column: "url" | "headers", text: string | undefined): Buffer | undefined =>
    text === undefined ? undefined : sealOf(deps.sealer, endpointId, { column, text });
  const changed = await changeEndpoint(tx, endpointId, {
    url: seal("url", url),
    headers: seal("headers", headers === undefined ? undefined : JSON.stringify(headers)),
    events: events === undefined ? undefined : [...new Set(events)],
    enabled,
  });
  if (changed === undefined) throw new AppError(webhookErrors.endpointNotFound);
  await bumpRevision(tx);
  return changed;
}

/**
 * Gives an endpoint another secret, shown once. The one before signs besides for `overlapHours`; 0 ends it at once, which
 * is right when it leaked. Throws `webhooks.endpoint_not_found`.
 */
export async function rotateSecret(
  tx: TenantTx,
  what: { readonly endpointId: EndpointId; readonly overlapHours: number },
  deps: { readonly sealer: Sealer; readonly clock: Clock },
): Promise<{ secret: string; previousUntil: Date | undefined }> {
  const { endpointId, overlapHours } = what;
  const sealed = await lockSecret(tx, endpointId);
  if (sealed === undefined) throw new AppError(webhookErrors.endpointNotFound);
  const secret = drawWebhookSecret();
  const before = openOf(deps.sealer, endpointId, { column: "secret", sealed });
  const until = overlapHours > 0 ? new Date(deps.clock.nowMs() + overlapHours * 3_600_000) : undefined;
  const previous = until && {
    secret: sealOf(deps.sealer, endpointId, { column: "previous_secret", text: before }),
    until,
  };
  const current = sealOf(deps.sealer, endpointId, { column: "secret", text: secret });
  await rotateStoredSecret(tx, endpointId, { secret: current, previous });
  await bumpRevision(tx);
  return { secret, previousUntil: until };
}

/** Removes an endpoint. Its log stays until its time is over. Throws `webhooks.endpoint_not_found`. */
export async function removeEndpoint(tx: TenantTx, endpointId: EndpointId): Promise<void> {
  if (!(await deleteEndpoint(tx, endpointId))) throw new AppError(webhookErrors.endpointNotFound);
  await bumpRevision(tx);
}
