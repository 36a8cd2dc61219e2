// The keys a customer signs with, each bound to its algorithm when it is read. A token names an algorithm too, but that
// only chooses among these: what a key is used for was settled before the token came.

import { type CryptoKey, importJWK, importSPKI, type JWK } from "jose";

/** A key, and the algorithms (RFC 7518 3.1, RFC 8037, RFC 9864) it verifies. */
export interface IdentityKey {
  readonly algorithms: readonly string[];
  readonly kid: string | undefined;
  readonly key: CryptoKey | Uint8Array;
}

/** EdDSA is the former name of Ed25519 (RFC 9864 2.2); both mean the same key here. */
const asymmetric: readonly (readonly string[])[] = [["RS256"], ["ES256"], ["EdDSA", "Ed25519"]];
const rsaBitsMin = 2048;
const ownKeysMax = 4;
const secretsMax = 2;
/** RFC 7518 3.2: a key of the size of the hash output or larger. */
const secretBytesMin = 32;
const publicKeyBlock = /-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]{40,4000}-----END PUBLIC KEY-----/g;

function isStrong(key: CryptoKey | Uint8Array): boolean {
  if (key instanceof Uint8Array) return true;
  const { modulusLength } = key.algorithm as { readonly modulusLength?: number };
  return key.type === "public" && (modulusLength === undefined || modulusLength >= rsaBitsMin);
}

async function readKey(
  read: (algorithm: string) => Promise<CryptoKey | Uint8Array>,
  kid: string | undefined,
): Promise<IdentityKey | undefined> {
  for (const algorithms of asymmetric) {
    // A key is of one kind: reading it as another fails.
    const key = await read(algorithms[0] ?? "").catch(() => undefined);
    if (key !== undefined && !(key instanceof Uint8Array)) return isStrong(key) ? { algorithms, kid, key } : undefined;
  }
  return undefined;
}

/**
 * The public keys of a text in PEM (RFC 7468 13), four at most. What is not an RSA key of 2048 bits or more, a P-256 key or
 * an Ed25519 key is left out.
 */
export async function readPublicKeys(pem: string | readonly string[]): Promise<IdentityKey[]> {
  const text = typeof pem === "string" ? pem : pem.join("\n");
  const blocks = (text.match(publicKeyBlock) ?? []).slice(0, ownKeysMax);
  const keys = await Promise.all(
    blocks.map((block) => readKey((algorithm) => importSPKI(block, algorithm), undefined)),
  );
  return keys.filter((key) => key !== undefined);
}

/**
 * The secrets a channel shares with its website, two at most (during a change), from their JSON. Shorter than 32 bytes is
 * none.
 * SECURITY: nothing in PEM is ever a secret: public keys are public, and a token could be signed with one (CVE-2016-5431).
 */
export function readSecrets(json: string | undefined): IdentityKey[] {
  const secrets = json === undefined ? [] : parseList(json);
  return secrets
    .filter((secret) => typeof secret === "string")
    .filter((secret) => !secret.includes("-----BEGIN") && Buffer.byteLength(secret) >= secretBytesMin)
    .slice(0, secretsMax)
    .map((secret) => ({ algorithms: ["HS256"], kid: undefined, key: new Uint8Array(Buffer.from(secret, "utf8")) }));
}

function parseList(json: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** The public key of a JSON Web Key (RFC 7517); undefined for a secret, a private one, or one for another use. */
export async function readJwk(value: unknown): Promise<IdentityKey | undefined> {
  if (typeof value !== "object" || value === null) return undefined;
  const jwk = value as JWK;
  // SECURITY: what a set of public keys publishes as a secret or with its private part protects nothing.
  if (!["RSA", "EC", "OKP"].includes(String(jwk.kty)) || "d" in jwk || "k" in jwk) return undefined;
  if (jwk.use !== undefined && jwk.use !== "sig") return undefined;
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes("verify"))) return undefined;
  const kid = typeof jwk.kid === "string" ? jwk.kid : undefined;
  const { kty, crv, n, e, x, y } = jwk;
  const plain = Object.fromEntries(Object.entries({ kty, crv, n, e, x, y }).filter(([, part]) => part !== undefined));
  const found = await readKey((algorithm) => importJWK(plain as JWK, algorithm), kid);
  return jwk.alg === undefined || found?.algorithms.includes(jwk.alg) === true ? found : undefined;
}
