// What every command needs to touch data: the database, the keys, and the pepper.

import { join } from "node:path";
import type { Config } from "./config.ts";
import {
  InstallationKeys,
  Keychain,
  type KeyProvider,
  type KeyRing,
  keyErrors,
  listProviderKeysSql,
  openKeyRing,
  toKeyRing,
} from "./domains/keys/index.ts";
import { type Clock, systemClock } from "./kernel/clock.ts";
import { AppError } from "./kernel/errors.ts";
import type { Secret } from "./kernel/secret.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import type { Database } from "./platform/db/index.ts";
import type { Logger } from "./platform/log/log.ts";

export interface Core {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly opened: OpenDatabase;
  readonly database: Database;
  readonly provider: KeyProvider;
  readonly pepper: Secret<Buffer>;
  readonly keychain: Keychain;
  /** The keys of what belongs to people and not to a tenant. */
  readonly installation: InstallationKeys;
  close(): Promise<void>;
}

/** Opens the key ring and makes sure that it holds every key the database was encrypted under. */
async function openKeys(config: Config, database: Database): Promise<KeyRing> {
  const needed = (await database.lookUp(listProviderKeysSql)).map((row) => row.provider_key);
  const path = join(config.PARLEY_DATA_DIR, "keys", "ring.json");
  const masterKey = config.PARLEY_MASTER_KEY;
  const ring = masterKey === undefined ? openKeyRing(path, needed.length === 0) : toKeyRing(masterKey);
  const missing = needed.find((key) => !ring.provider.hasKey(key));
  if (missing !== undefined) throw new AppError(keyErrors.missing, { note: missing });
  return ring;
}

/** Opens the database and the keys. Throws with what to do when either cannot be used safely. */
export async function openCore(config: Config, log: Logger): Promise<Core> {
  const opened = await openDatabase(config, log);
  try {
    const { database } = opened;
    const { provider, pepper } = await openKeys(config, database);
    const keychain = new Keychain({ database, provider, clock: systemClock });
    const installation = new InstallationKeys({ database, provider, clock: systemClock });
    const close = async (): Promise<void> => {
      keychain.close();
      installation.close();
      await opened.close();
    };
    return { config, log, clock: systemClock, opened, database, provider, pepper, keychain, installation, close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
