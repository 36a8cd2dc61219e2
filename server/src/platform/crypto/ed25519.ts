// Ed25519 (RFC 8032) for signatures that a receiver verifies without a shared secret. Keys are 32 raw bytes: the seed and
// the public point. Importing a seed costs twice a signature, so a signer is kept as long as it is needed.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** The DER of a PKCS #8 private key and of a public key (RFC 8410 7 and 4), up to the 32 bytes. */
const privateHead = Buffer.from("302e020100300506032b657004220420", "hex");
const publicHead = Buffer.from("302a300506032b6570032100", "hex");
const keyBytes = 32;
const signatureBytes = 64;

export interface Ed25519Pair {
  readonly seed: Buffer;
  readonly publicKey: Buffer;
}

/** A fresh key pair. */
export function createEd25519Pair(): Ed25519Pair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(privateHead.length);
  return { seed, publicKey: publicKey.export({ format: "der", type: "spki" }).subarray(publicHead.length) };
}

/** Signs with one key. Its private part cannot be read from here. */
export class Ed25519Signer {
  readonly #key: KeyObject;

  /** Takes a seed of 32 bytes; throws on any other. */
  constructor(seed: Buffer) {
    this.#key = createPrivateKey({ key: Buffer.concat([privateHead, seed]), format: "der", type: "pkcs8" });
  }

  /** The 64 bytes of the signature over `data`. */
  sign(data: string | Buffer): Buffer {
    return sign(null, typeof data === "string" ? Buffer.from(data, "utf8") : data, this.#key);
  }
}

/** Answers whether `signature` over `data` was made with the private part of `publicKey`. Malformed input is false. */
export function isSignedByEd25519(publicKey: Buffer, data: Buffer, signature: Buffer): boolean {
  if (publicKey.length !== keyBytes || signature.length !== signatureBytes) return false;
  const key = createPublicKey({ key: Buffer.concat([publicHead, publicKey]), format: "der", type: "spki" });
  return verify(null, data, key, signature);
}
