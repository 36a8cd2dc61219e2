// The two keys made of one channel secret. The secret is shown as `whsec_` and base64, as Standard Webhooks wants; the
// simple header uses that text itself as its key, so that a receiver can paste what is printed.

import { hmacSha256 } from "../../../../platform/crypto/hmac.ts";

const prefix = "whsec_";
const keyBytesMin = 24;
const keyBytesMax = 64;

export interface ChannelKeys {
  /** Key of `X-Woztell-Signature`: the secret exactly as shown. */
  readonly text: string;
  /** Key of `webhook-signature`: the bytes behind the base64. */
  readonly bytes: Buffer;
}

/**
 * The keys of a channel secret; undefined when it is not `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks
 * 1.0.0, "Signature scheme"). SECURITY: an empty, short or malformed secret makes no key, so it can sign nothing.
 */
export function findKeys(secret: string | undefined): ChannelKeys | undefined {
  if (secret === undefined || !secret.startsWith(prefix)) return undefined;
  const encoded = secret.slice(prefix.length);
  const bytes = Buffer.from(encoded, "base64");
  const isCanonical = bytes.toString("base64") === encoded;
  const isStrong = bytes.length >= keyBytesMin && bytes.length <= keyBytesMax;
  return isCanonical && isStrong ? { text: secret, bytes } : undefined;
}

/** The bytes of `X-Woztell-Signature`: HMAC-SHA-256 over the body. */
export function signBody(keys: ChannelKeys, body: Buffer | string): Buffer {
  return hmacSha256(keys.text, body);
}

/** The bytes of a `v1` signature: HMAC-SHA-256 over `id.timestamp.body`. */
export function signDelivery(
  keys: ChannelKeys,
  delivery: { readonly id: string; readonly timestamp: string; readonly body: Buffer | string },
): Buffer {
  const head = Buffer.from(`${delivery.id}.${delivery.timestamp}.`, "utf8");
  const body = typeof delivery.body === "string" ? Buffer.from(delivery.body, "utf8") : delivery.body;
  return hmacSha256(keys.bytes, Buffer.concat([head, body]));
}
