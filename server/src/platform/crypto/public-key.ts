// Public keys that others sign with: whether one may be believed, and for which algorithm of JWTs (RFC 7518, RFC 8037).

import { createPublicKey, type KeyObject } from "node:crypto";

export type SignatureAlgorithm = "RS256" | "ES256" | "EdDSA";

const rsaBitsMin = 2048;
const rsaBitsMax = 8192;
const pemOfPublicKey = /^-----BEGIN PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\s*$/;

function isSoundRsa({
  modulusLength = 0,
  publicExponent = 0n,
}: NonNullable<KeyObject["asymmetricKeyDetails"]>): boolean {
  return modulusLength >= rsaBitsMin && modulusLength <= rsaBitsMax && publicExponent >= 65_537n;
}

/**
 * The algorithm of a public key in PEM (`BEGIN PUBLIC KEY`, one key): RSA of 2048 to 8192 bits, P-256, Ed25519. Undefined
 * for anything else.
 * SECURITY: a private key is not taken for its public part, so nobody hands one over by mistake and sees it accepted.
 */
export function findSignatureAlgorithm(pem: string): SignatureAlgorithm | undefined {
  if (!pemOfPublicKey.test(pem)) return undefined;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: "pem", type: "spki" });
  } catch {
    return undefined;
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (type === "rsa" && isSoundRsa(details)) return "RS256";
  if (type === "ec" && details.namedCurve === "prime256v1") return "ES256";
  return type === "ed25519" ? "EdDSA" : undefined;
}
