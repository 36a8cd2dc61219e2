// SHA-1, for the two protocols that are defined with it and do not lean on its collision resistance: looking a password up
// by the first digits of its digest, and one-time codes (there as an HMAC, made by the library). For nothing else.

import { createHash } from "node:crypto";

/** SHA-1 (FIPS 180-4) of `data`. Never for signatures, storage or integrity. */
export function sha1(data: string | Buffer): Buffer {
  return createHash("sha1").update(data).digest();
}
