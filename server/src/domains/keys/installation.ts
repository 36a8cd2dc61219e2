// The keys of what belongs to people and not to a tenant: addresses, names, authenticator secrets, letters. One key to
// encrypt and one for blind indexes, wrapped under the provider's; kept unwrapped for minutes only, like an app's.

import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { toUuid } from "../../kernel/ids.ts";
import type { Place } from "../../platform/crypto/envelope.ts";
import { toCryptoKey } from "../../platform/crypto/hmac.ts";
import { drawBytes, newId } from "../../platform/crypto/random.ts";
import type { Database } from "../../platform/db/index.ts";
import { keyErrors } from "./errors.ts";
import {
  keepInstallationKeysSql,
  listInstallationKeysSql,
  reserveInstallationUsesSql,
  toInstallationKey,
  type WrappedInstallationKey,
} from "./installation-store.ts";
import type { KeyProvider } from "./provider.ts";
import { AppSealer, type Sealer } from "./sealer.ts";

const keyBytes = 32;
const usesBlock = 2 ** 16;
const usesMax = 2 ** 24;
const usesLow = 256;
const bytesBlock = 64 * 2 ** 20;
const freshMs = 4 * 60_000;

function toPlace(keyId: string, purpose: string): Place {
  return { organisation: "", app: "", table: "installation_keys", column: `wrapped.${purpose}`, row: keyId };
}

export interface InstallationKeysOptions {
  readonly database: Pick<Database, "lookUp">;
  readonly provider: KeyProvider;
  readonly clock: Clock;
}

export class InstallationKeys {
  readonly #options: InstallationKeysOptions;
  #current: { readonly sealer: AppSealer; readonly loadedAtMs: number } | undefined;
  #loading: Promise<AppSealer> | undefined;

  constructor(options: InstallationKeysOptions) {
    this.#options = options;
  }

  /** The installation's sealer. Makes its keys the first time. Throws `keys.unavailable` or `keys.missing`. */
  async sealer(): Promise<Sealer> {
    const current = this.#current;
    const isFresh = current !== undefined && this.#options.clock.nowMs() - current.loadedAtMs < freshMs;
    if (isFresh && current.sealer.keys.content.remainingUses > usesLow) return current.sealer;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** Forgets the unwrapped keys at once. */
  close(): void {
    this.#current?.sealer.close();
    this.#current = undefined;
  }

  async #load(): Promise<AppSealer> {
    const [content, index] = [await this.#find("content"), await this.#find("index")];
    const [contentKey, indexKey] = [await this.#unwrap(content), await this.#unwrap(index)];
    const reserved = await this.#options.database.lookUp(reserveInstallationUsesSql, [
      toUuid(content.keyId),
      usesBlock,
    ]);
    if (Number(reserved[0]?.uses ?? usesMax + 1) > usesMax) throw new AppError(keyErrors.exhausted);
    const keyId = Buffer.from(toUuid(content.keyId), "hex");
    const sealing = { key: contentKey, keyId, remainingUses: usesBlock, remainingBytes: bytesBlock };
    const all = new Map([[toUuid(content.keyId), contentKey]]);
    const keys = { all, content: sealing, credentials: sealing, index: indexKey };
    const sealer = new AppSealer({ organisation: "", app: "" }, keys);
    const former = this.#current?.sealer;
    if (former !== undefined) setTimeout(() => former.close(), 30_000).unref();
    this.#current = { sealer, loadedAtMs: this.#options.clock.nowMs() };
    return sealer;
  }

  async #find(purpose: "content" | "index"): Promise<WrappedInstallationKey> {
    const { database } = this.#options;
    const listed = async (): Promise<WrappedInstallationKey | undefined> =>
      (await database.lookUp(listInstallationKeysSql))
        .map(toInstallationKey)
        .findLast((key) => key.purpose === purpose);
    const found = await listed();
    if (found !== undefined) return found;
    await this.#make();
    const made = await listed();
    if (made === undefined) throw new AppError(keyErrors.missing, { note: `installation ${purpose}` });
    return made;
  }

  async #make(): Promise<void> {
    const { provider, database } = this.#options;
    const make = async (purpose: "content" | "index"): Promise<[string, Buffer]> => {
      const keyId = toUuid(newId("key"));
      return [keyId, await provider.wrap(drawBytes(keyBytes), toPlace(keyId, purpose))];
    };
    const values = [...(await make("content")), ...(await make("index")), provider.currentKey];
    await database.lookUp(keepInstallationKeysSql, values);
  }

  async #unwrap(key: WrappedInstallationKey): Promise<ReturnType<typeof toCryptoKey>> {
    const place = toPlace(toUuid(key.keyId), key.purpose);
    return toCryptoKey(await this.#options.provider.unwrap(key.providerKey, key.wrapped, place));
  }
}
