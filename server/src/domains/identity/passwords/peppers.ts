// The secret key that password hashes are bound to. It is kept apart from the database (SP 800-63B-4 3.1.1.2), so that a
// copy of the database alone gives nobody a hash to guess against. Earlier peppers stay readable until every hash made
// under them was replaced at a sign-in.

import { AppError } from "../../../kernel/errors.ts";
import type { Secret } from "../../../kernel/secret.ts";
import { type CryptoKey, hmacSha256, toCryptoKey } from "../../../platform/crypto/hmac.ts";
import { identityErrors } from "../errors.ts";
import { toText } from "./hash-format.ts";

const pepperBytesMin = 32;
const idBytes = 8;

export interface Pepper {
  /** Names the pepper in a stored hash and says nothing about it. */
  readonly id: string;
  readonly key: CryptoKey;
}

/** Takes a pepper of at least 32 bytes in. Throws `identity.hashing_misconfigured` for a shorter one. */
export function toPepper(secret: Secret<Buffer>): Pepper {
  const bytes = secret.reveal();
  if (bytes.length < pepperBytesMin) {
    const detail = `The password pepper has ${bytes.length} bytes; it needs at least ${pepperBytesMin}.`;
    throw new AppError(identityErrors.hashingMisconfigured, { detail });
  }
  const key = toCryptoKey(Buffer.from(bytes));
  return { id: toText(hmacSha256(key, "parley password pepper id").subarray(0, idBytes)), key };
}
