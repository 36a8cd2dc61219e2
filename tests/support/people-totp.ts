// An authenticator app: RFC 6238 with what every app uses, worked out here without the product's code.

import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function decode(base32: string): Buffer {
  const bits = base32
    .replaceAll(/\s/g, "")
    .split("")
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** The six digits of the moment. */
export function toCode(secret: string): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mark = createHmac("sha1", decode(secret)).update(counter).digest();
  const offset = (mark.at(-1) ?? 0) & 15;
  return String((mark.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, "0");
}
