// Recovery codes: ten look-up secrets (SP 800-63B-4 3.1.2) of 80 bits, in four groups of four signs of Crockford's base32,
// which has no I, L, O and U to misread. They are shown once and stored as an HMAC under the pepper, bound to the person: 80
// bits would be too few for a plain hash (ASVS 5.0 6.5.2 asks for 112), and 24 signs too many to type. Finding the row by
// its hash and deleting it in one statement, so that a code works once, is the caller's duty.

import { Secret } from "../../../kernel/secret.ts";
import { hmacSha256 } from "../../../platform/crypto/hmac.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const codesPerPerson = 10;
const codeBytes = 10;
const codeSigns = 16;
/** Longer input is no code, however it is spaced. */
const typedMax = 64;

/** Ten fresh codes as they are shown: `7KQ2-M9XT-...`. */
export function createRecoveryCodes(): Secret<readonly string[]> {
  return new Secret(Array.from({ length: codesPerPerson }, () => format(drawBytes(codeBytes))));
}

/** The code somebody meant: any case, spaces or dashes, I and L as 1, O as 0. Undefined for what cannot be a code. */
export function findRecoveryCode(typed: string): string | undefined {
  if (typed.length > typedMax) return undefined;
  const signs = typed
    .normalize("NFKC")
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, "");
  const read = signs.replaceAll(/[IL]/g, "1").replaceAll("O", "0");
  const isCode = read.length === codeSigns && Array.from(read).every((sign) => alphabet.includes(sign));
  return isCode ? group(read) : undefined;
}

/**
 * What is stored and looked up: 32 bytes. `code` in the form that `createRecoveryCodes` and `findRecoveryCode` give.
 * SECURITY: bound to the person, so that one person's code or row says nothing about another's.
 */
export function toRecoveryCodeHash(code: string, userId: string, pepper: Secret<Buffer>): Buffer {
  return hmacSha256(pepper.reveal(), `parley recovery code\0${userId}\0${code}`);
}

function format(bytes: Buffer): string {
  const bits = BigInt(`0x${bytes.toString("hex")}`);
  const signs = Array.from({ length: codeSigns }, (_, index) => {
    const shift = BigInt(5 * (codeSigns - 1 - index));
    return alphabet[Number((bits >> shift) & 31n)] ?? "";
  });
  return group(signs.join(""));
}

function group(signs: string): string {
  return signs.replaceAll(/.{4}(?=.)/g, "$&-");
}
