// Signatures and comparisons. The only place that compares a secret, always in constant time.

import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/** A key in the form the runtime works with: it is copied in, cannot be printed, and is wiped when nobody holds it. */
export type CryptoKey = KeyObject;

/** Takes raw bytes in as a key and wipes them. */
export function toCryptoKey(bytes: Buffer): CryptoKey {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

const forgetMs = 60_000;
const keysMax = 4_096;
const keysBySecret = new Map<string, CryptoKey>();
let forgetting: NodeJS.Timeout | undefined;

/** Importing a key costs 16 us, the HMAC itself 4: keys of secrets in use are kept, a minute at most. */
function findKey(secret: string | Buffer): CryptoKey {
  const name = typeof secret === "string" ? `text ${secret}` : `bytes ${secret.toString("latin1")}`;
  const known = keysBySecret.get(name);
  if (known !== undefined) return known;
  const key = typeof secret === "string" ? createSecretKey(secret, "utf8") : createSecretKey(secret);
  if (keysBySecret.size >= keysMax) keysBySecret.clear();
  keysBySecret.set(name, key);
  forgetting ??= setTimeout(() => {
    forgetting = undefined;
    keysBySecret.clear();
  }, forgetMs).unref();
  return key;
}

/** HMAC-SHA-256 (RFC 2104, FIPS 198-1) of `data`. A text is used as its UTF-8 bytes. */
export function hmacSha256(key: string | Buffer | CryptoKey, data: string | Buffer): Buffer {
  const imported = typeof key === "string" || Buffer.isBuffer(key) ? findKey(key) : key;
  return createHmac("sha256", imported).update(data).digest();
}

/** SHA-256 of `data`. */
export function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

/**
 * Answers whether two byte strings are equal, in time that depends on their lengths only.
 * SECURITY: every comparison with a secret goes through here.
 */
export function isEqualInConstantTime(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Answers whether `text` is the hex or base64 spelling of exactly `expected`. Malformed text is false. */
export function isEncodingOf(text: string, expected: Buffer, encoding: "hex" | "base64"): boolean {
  // Both spellings are compared as text: decoding first would accept several spellings of one signature.
  return isEqualInConstantTime(Buffer.from(text, "utf8"), Buffer.from(expected.toString(encoding), "utf8"));
}
