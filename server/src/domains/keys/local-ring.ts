// The local key ring: the key provider that needs nothing but a file. Whoever can read the file can read the data, so it
// is created for its owner alone (0600), belongs in a backup of its own, and is refused when others may read it.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { Secret } from "../../kernel/secret.ts";
import { openEnvelope, type Place, sealEnvelope } from "../../platform/crypto/envelope.ts";
import { type CryptoKey, hmacSha256, sha256, toCryptoKey } from "../../platform/crypto/hmac.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import { keyErrors } from "./errors.ts";
import type { KeyProvider } from "./provider.ts";

const keyBytes = 32;

const RingFile = z.strictObject({
  format: z.literal("parley-key-ring/1"),
  current: z.string(),
  keys: z.array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/), secret: z.base64() })).min(1),
  pepper: z.base64(),
});
type RingFile = z.infer<typeof RingFile>;

export interface KeyRing {
  readonly provider: KeyProvider;
  /** Keys the hashes of tokens, so that a copy of the database cannot test guesses. */
  readonly pepper: Secret<Buffer>;
}

function refuse(detail: string): never {
  throw new AppError(keyErrors.unsafeRing, { detail });
}

/** A key of 32 bytes that is not obviously made up: at least 12 different bytes. Throws `keys.unsafe_ring`. */
function parseKey(base64: string, name: string): Buffer {
  const key = Buffer.from(base64, "base64");
  if (key.length !== keyBytes) refuse(`${name} must be 32 bytes in base64. Make one with \`openssl rand -base64 32\`.`);
  if (new Set(key).size < 12) {
    refuse(`${name} is a sample or a guessable value. Make one with \`openssl rand -base64 32\`.`);
  }
  return key;
}

function toProvider(keys: ReadonlyMap<string, CryptoKey>, current: string): KeyProvider {
  const find = (providerKey: string): CryptoKey => {
    const key = keys.get(providerKey);
    if (key === undefined) throw new AppError(keyErrors.missing, { note: providerKey });
    return key;
  };
  const toKeyId = (providerKey: string): Buffer => Buffer.from(providerKey.slice("local:".length), "hex");
  return {
    currentKey: current,
    hasKey: (providerKey) => keys.has(providerKey),
    wrap: async (key, place) => sealEnvelope(find(current), toKeyId(current), place, key),
    unwrap: async (providerKey, wrapped, place: Place) => openEnvelope(find(providerKey), place, wrapped),
  };
}

function toRing(file: RingFile): KeyRing {
  const keys = new Map(
    file.keys.map((key) => [`local:${key.id}`, toCryptoKey(parseKey(key.secret, "A key in the key ring"))]),
  );
  const current = `local:${file.current}`;
  if (!keys.has(current)) refuse("The key ring names a current key that it does not hold.");
  return {
    provider: toProvider(keys, current),
    pepper: new Secret(parseKey(file.pepper, "The pepper in the key ring")),
  };
}

function makeFile(path: string): RingFile {
  const id = drawBytes(16).toString("hex");
  const ring: RingFile = {
    format: "parley-key-ring/1",
    current: id,
    keys: [{ id, secret: drawBytes(keyBytes).toString("base64") }],
    pepper: drawBytes(keyBytes).toString("base64"),
  };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.partial`;
  const descriptor = openSync(partial, "w", 0o600);
  writeSync(descriptor, `${JSON.stringify(ring, null, 2)}\n`);
  // The key must be on the disk before anything is encrypted under it.
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(partial, path);
  return ring;
}

function readFile(path: string): RingFile {
  if ((statSync(path).mode & 0o077) !== 0) refuse(`Others may read the key ring. Run \`chmod 600 ${path}\`.`);
  const read = RingFile.safeParse(parseJson(path));
  if (!read.success) refuse(`The key ring ${path} is damaged. Put back the copy from your backup.`);
  return read.data;
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Opens the key ring file; makes one when there is none and `mayCreate` says the database holds nothing encrypted yet.
 * Throws `keys.missing` or `keys.unsafe_ring` with what to do.
 */
export function openKeyRing(path: string, mayCreate: boolean): KeyRing {
  if (existsSync(path)) return toRing(readFile(path));
  if (!mayCreate) throw new AppError(keyErrors.missing, { note: path });
  return toRing(makeFile(path));
}

/**
 * A key ring made of one key from the configuration, for machines without a disk of their own.
 * Throws `keys.unsafe_ring` for a key that is too short, a sample or guessable.
 */
export function toKeyRing(masterKey: Secret<string>): KeyRing {
  const key = parseKey(masterKey.reveal(), "PARLEY_MASTER_KEY");
  const id = `local:${sha256(key).subarray(0, 16).toString("hex")}`;
  const pepper = new Secret(hmacSha256(key, "parley token pepper"));
  return { provider: toProvider(new Map([[id, toCryptoKey(key)]]), id), pepper };
}
