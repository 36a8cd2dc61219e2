// What a token looks like: `ply_<kind>_<30 base62><6 base62 of CRC-32>`. The checksum lets a scanner, and us, tell a
// mistyped or made-up token without a query; the random part holds 178 bits.

import { crc32 } from "node:zlib";
import { drawBytes } from "../../platform/crypto/random.ts";

export type TokenKind = "api" | "bot";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomLength = 30;
const checksumLength = 6;

/** Matches every token and, but for one in 2^32 look-alikes, nothing else once its checksum is checked. */
export const tokenPattern = /^ply_(api|bot)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** What is published for scanners of secrets: finds every token in running text. See docs/security/access-tokens.md. */
export const publishedPattern = "\\bply_(?:api|bot)_[0-9A-Za-z]{36}\\b";

function drawBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of drawBytes(length * 2)) {
      // 248 is the largest multiple of 62 in a byte: what lies above would favour some letters.
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}

function toChecksum(random: string): string {
  let rest = crc32(random);
  let text = "";
  for (let index = 0; index < checksumLength; index += 1) {
    text = `${alphabet[rest % 62]}${text}`;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** A token nobody has seen. */
export function drawToken(kind: TokenKind): string {
  const random = drawBase62(randomLength);
  return `ply_${kind}_${random}${toChecksum(random)}`;
}

/** Answers whether the text is spelled like a token, checksum included. */
export function isTokenSpelling(text: string): boolean {
  const match = tokenPattern.exec(text);
  const [, , random, checksum] = match ?? [];
  return random !== undefined && toChecksum(random) === checksum;
}
