// Hands out sealers. Unwrapped keys are kept for minutes only, so revoking a key at its provider holds everywhere within
// five; every unwrap is in the key-access log; a data key ends at 2^24 uses or 16 GiB (SP 800-38D 8.3 allows 2^32 with
// random nonces; at 2^24 the chance of a repeated nonce is 2^-49).

import { type Actor, describeActor } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { fromBytes, type KeyId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { openEnvelope } from "../../platform/crypto/envelope.ts";
import { type CryptoKey, toCryptoKey } from "../../platform/crypto/hmac.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Database, TenantTx } from "../../platform/db/index.ts";
import { createDataKey, toDataKeyPlace, toOrganisationKeyPlace } from "./create-keys.ts";
import { keyErrors } from "./errors.ts";
import type { KeyProvider } from "./provider.ts";
import { AppSealer, type Sealer, type SealerKeys, type SealingKey } from "./sealer.ts";
import {
  insertAccesses,
  listDataKeys,
  listOrganisationKeys,
  type Purpose,
  reserveUses,
  retireDataKey,
  type WrappedDataKey,
} from "./store.ts";

/** What a data key may do before it ends, and how much of it is reserved at once. */
export const keyLimits = {
  usesMax: 2 ** 24,
  bytesMax: 16 * 2 ** 30,
  usesBlock: 2 ** 16,
  bytesBlock: 64 * 2 ** 20,
  /** A sealer is topped up when fewer than this are left: more than one batch can spend. */
  usesLow: 2 ** 14,
  bytesLow: 16 * 2 ** 20,
} as const;

/** Renewed after this; wiped half a minute later, when the last batch that held it is done. */
const freshMs = 4 * 60_000;
const wipeAfterMs = 30_000;
const entriesMax = 20_000;

/** Why keys are needed, for the key-access log. */
export interface Because {
  readonly actor: Actor;
  /** One word: `inbound`, `processing`, `sending`, `webhook`, `api`. */
  readonly reason: string;
}

interface Entry {
  readonly sealer: AppSealer;
  readonly loadedAtMs: number;
}

export interface KeychainOptions {
  readonly database: Database;
  readonly provider: KeyProvider;
  readonly clock: Clock;
}

export class Keychain {
  readonly #database: Database;
  readonly #provider: KeyProvider;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<AppSealer>>();

  constructor(options: KeychainOptions) {
    this.#database = options.database;
    this.#provider = options.provider;
    this.#clock = options.clock;
  }

  /** The app's sealer, at once when it is fresh and has uses left. Throws `keys.unavailable` or `keys.missing`. */
  async sealerFor(tenant: Tenant, because: Because): Promise<Sealer> {
    const entry = this.#entries.get(tenant.appId);
    if (entry !== undefined && this.#isFresh(entry)) return entry.sealer;
    const loading = this.#loading.get(tenant.appId) ?? this.#load(tenant, because);
    return loading;
  }

  /** Forgets every unwrapped key at once. */
  close(): void {
    for (const entry of this.#entries.values()) entry.sealer.close();
    this.#entries.clear();
  }

  #isFresh(entry: Entry): boolean {
    const isYoung = this.#clock.nowMs() - entry.loadedAtMs < freshMs;
    return isYoung && hasUsesLeft(entry.sealer.keys.content) && hasUsesLeft(entry.sealer.keys.credentials);
  }

  #load(tenant: Tenant, because: Because): Promise<AppSealer> {
    const loading = this.#database
      .withTenant(because.actor, tenant, (tx) => loadKeys(tx, this.#provider, because))
      .then((keys) =>
        this.#keep(
          tenant,
          new AppSealer({ organisation: toUuid(tenant.organisationId), app: toUuid(tenant.appId) }, keys),
        ),
      )
      .finally(() => this.#loading.delete(tenant.appId));
    this.#loading.set(tenant.appId, loading);
    return loading;
  }

  #keep(tenant: Tenant, sealer: AppSealer): AppSealer {
    const previous = this.#entries.get(tenant.appId);
    if (previous !== undefined) wipeLater(previous.sealer);
    this.#entries.delete(tenant.appId);
    this.#entries.set(tenant.appId, { sealer, loadedAtMs: this.#clock.nowMs() });
    const [oldest] = this.#entries;
    if (this.#entries.size > entriesMax && oldest !== undefined) {
      this.#entries.delete(oldest[0]);
      wipeLater(oldest[1].sealer);
    }
    // Keys of an app nobody uses are wiped too, not only replaced.
    setTimeout(() => this.#drop(tenant, sealer), freshMs + wipeAfterMs).unref();
    return sealer;
  }

  #drop(tenant: Tenant, sealer: AppSealer): void {
    if (this.#entries.get(tenant.appId)?.sealer === sealer) this.#entries.delete(tenant.appId);
    sealer.close();
  }
}

function hasUsesLeft(key: SealingKey): boolean {
  return key.remainingUses > keyLimits.usesLow && key.remainingBytes > keyLimits.bytesLow;
}

function wipeLater(sealer: AppSealer): void {
  setTimeout(() => sealer.close(), wipeAfterMs).unref();
}

/** Unwraps the app's keys, reserves a block of uses of each sealing key, and records the access. */
async function loadKeys(tx: TenantTx, provider: KeyProvider, because: Because): Promise<SealerKeys> {
  const [organisationKeys, wrappedKeys] = await Promise.all([listOrganisationKeys(tx.organisation), listDataKeys(tx)]);
  const parents = new Map<KeyId, CryptoKey>();
  for (const wanted of new Set(wrappedKeys.map((key) => key.organisationKeyId))) {
    const wrapped = organisationKeys.find((key) => key.keyId === wanted);
    if (wrapped === undefined) throw new AppError(keyErrors.missing, { note: wanted });
    const place = toOrganisationKeyPlace(toUuid(tx.tenant.organisationId), toUuid(wanted));
    parents.set(wanted, toCryptoKey(await provider.unwrap(wrapped.providerKey, wrapped.wrapped, place)));
  }
  const all = new Map(wrappedKeys.map((key) => [toUuid(key.keyId), unwrapDataKey(tx, key, parents)]));
  const content = await prepareSealing(tx, { purpose: "content", wrappedKeys, all, parents });
  const credentials = await prepareSealing(tx, { purpose: "credentials", wrappedKeys, all, parents });
  const index = all.get(toUuid(newest(wrappedKeys, "index").keyId));
  if (index === undefined) throw new AppError(keyErrors.missing, { note: "index" });
  await recordAccess(tx, [...all.keys()], because);
  return { all, content, credentials, index };
}

function unwrapDataKey(tx: TenantTx, key: WrappedDataKey, parents: ReadonlyMap<KeyId, CryptoKey>): CryptoKey {
  const parent = parents.get(key.organisationKeyId);
  if (parent === undefined) throw new AppError(keyErrors.missing, { note: key.organisationKeyId });
  return toCryptoKey(openEnvelope(parent, toDataKeyPlace(tx, toUuid(key.keyId), key.purpose), key.wrapped));
}

function newest(keys: readonly WrappedDataKey[], purpose: Purpose): WrappedDataKey {
  const found = keys.findLast((key) => key.purpose === purpose);
  if (found === undefined) throw new AppError(keyErrors.missing, { note: `no ${purpose} key` });
  return found;
}

interface Sealing {
  readonly purpose: Purpose;
  readonly wrappedKeys: readonly WrappedDataKey[];
  readonly all: Map<string, CryptoKey>;
  readonly parents: ReadonlyMap<KeyId, CryptoKey>;
}

/** The newest key of a purpose with a block of uses reserved; a key at its end is retired and followed by the next. */
async function prepareSealing(tx: TenantTx, sealing: Sealing): Promise<SealingKey> {
  const current = newest(sealing.wrappedKeys, sealing.purpose);
  const block = { uses: keyLimits.usesBlock, bytes: keyLimits.bytesBlock };
  const reserved = await reserveUses(tx, current.keyId, block);
  const isSpent = reserved === undefined || reserved.uses > keyLimits.usesMax || reserved.bytes > keyLimits.bytesMax;
  if (!isSpent) return toSealingKey(current.keyId, sealing.all);
  await retireDataKey(tx, current.keyId);
  const parent = sealing.parents.get(current.organisationKeyId);
  if (parent === undefined) throw new AppError(keyErrors.missing, { note: current.organisationKeyId });
  const under = { keyId: current.organisationKeyId, key: parent };
  await createDataKey(tx, under, { purpose: sealing.purpose, version: current.version + 1 });
  const wrappedKeys = await listDataKeys(tx);
  const next = newest(wrappedKeys, sealing.purpose);
  sealing.all.set(toUuid(next.keyId), unwrapDataKey(tx, next, sealing.parents));
  await reserveUses(tx, next.keyId, block);
  return toSealingKey(next.keyId, sealing.all);
}

function toSealingKey(keyId: KeyId, all: ReadonlyMap<string, CryptoKey>): SealingKey {
  const key = all.get(toUuid(keyId));
  if (key === undefined) throw new AppError(keyErrors.missing, { note: keyId });
  const { usesBlock, bytesBlock } = keyLimits;
  return { key, keyId: Buffer.from(toUuid(keyId), "hex"), remainingUses: usesBlock, remainingBytes: bytesBlock };
}

async function recordAccess(tx: TenantTx, keys: readonly string[], because: Because): Promise<void> {
  const keyIds = keys.map((hex) => fromBytes("key", Buffer.from(hex, "hex")));
  const accessIds = keys.map(() => toUuid(newId("key")));
  await insertAccesses(tx, { accessIds, keyIds }, { actor: describeActor(because.actor), reason: because.reason });
}
