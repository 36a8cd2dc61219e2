// An endpoint between the database and memory: its address, headers and keys are sealed there and open here.

import { type EndpointId, toUuid } from "../../kernel/ids.ts";
import { type Ed25519Pair, Ed25519Signer } from "../../platform/crypto/ed25519.ts";
import type { Field, Sealer } from "../keys/index.ts";
import type { StoredEndpoint } from "./endpoint-store.ts";
import type { Endpoint } from "./types.ts";

type SecretColumn = "url" | "headers" | "secret" | "previous_secret" | "signing_key";

function toField(column: SecretColumn, endpointId: EndpointId): Field {
  return { table: "webhook_endpoints", column, row: toUuid(endpointId) };
}

/** Encrypts one value of an endpoint as the credential it is or may hold. */
export function sealOf(sealer: Sealer, endpointId: EndpointId, value: { column: SecretColumn; text: string }): Buffer {
  return sealer.sealCredential(toField(value.column, endpointId), value.text);
}

/** Decrypts one value of an endpoint. Throws `crypto.unreadable` when it was altered or moved. */
export function openOf(
  sealer: Sealer,
  endpointId: EndpointId,
  value: { column: SecretColumn; sealed: Buffer },
): string {
  return sealer.open(toField(value.column, endpointId), value.sealed).toString("utf8");
}

/** Encrypts the private part of a key pair. */
export function sealSigningKey(sealer: Sealer, endpointId: EndpointId, pair: Ed25519Pair): Buffer {
  return sealOf(sealer, endpointId, { column: "signing_key", text: pair.seed.toString("base64") });
}

/** A public key as Standard Webhooks writes it. */
export function toPublicKeyText(pair: Ed25519Pair): string {
  return `whpk_${pair.publicKey.toString("base64")}`;
}

/** Decrypts a stored endpoint. Throws `crypto.unreadable` when any of it was altered or moved. */
export function openEndpoint(stored: StoredEndpoint, sealer: Sealer): Endpoint {
  const { endpointId, channelId, events, enabled, previousSecret, previousUntil, signingKey } = stored;
  const open = (column: SecretColumn, sealed: Buffer): string => openOf(sealer, endpointId, { column, sealed });
  const hasPrevious = previousSecret !== undefined && previousUntil !== undefined;
  const seed = signingKey === undefined ? undefined : Buffer.from(open("signing_key", signingKey), "base64");
  return {
    endpointId,
    channelId,
    events,
    enabled,
    url: open("url", stored.url),
    headers: JSON.parse(open("headers", stored.headers)),
    secret: open("secret", stored.secret),
    previous: hasPrevious
      ? { secret: open("previous_secret", previousSecret), untilMs: previousUntil.getTime() }
      : undefined,
    signer: seed === undefined ? undefined : new Ed25519Signer(seed),
  };
}
