// Signatures and comparisons. The only place that compares a secret, always in constant time.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA-256 (RFC 2104, FIPS 198-1) of `data`. */
export function hmacSha256(key: string | Buffer, data: string | Buffer): Buffer {
  return createHmac("sha256", key).update(data).digest();
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
