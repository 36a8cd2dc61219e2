// What files work with.

import type { Actor } from "../../kernel/actor.ts";
import type { Tenant } from "../../kernel/ids.ts";
import type { Database } from "../../platform/db/index.ts";
import type { Keychain } from "../keys/index.ts";
import { createGate, createSharedGate, type Gate, type SharedGate } from "./gate.ts";
import type { ScanDeps } from "./scan-file.ts";
import { type FileQuotas, type FileView, usualVisitorQuotas } from "./types.ts";

export interface FileDeps extends ScanDeps {
  readonly database: Pick<Database, "withTenant">;
  readonly keychain: Pick<Keychain, "sealerFor">;
  readonly quotas: FileQuotas;
  /** Archives unpacked at once: each takes a thread. */
  readonly archives: Gate;
  /** Files fetched at once, of each app two at most: each is held in memory. */
  readonly fetches: SharedGate;
  /** What is being fetched, so that whoever asks meanwhile waits for the same answer. */
  readonly fetching: Map<string, Promise<FileView>>;
}

export interface FileOptions extends ScanDeps {
  readonly database: Pick<Database, "withTenant">;
  readonly keychain: Pick<Keychain, "sealerFor">;
  readonly quotas: Pick<FileQuotas, "appBytesMax"> & Partial<FileQuotas>;
}

/** Who acts where: transactions on files are opened with it, so that none is open while bytes are looked at or fetched. */
export interface FilePlace {
  readonly actor: Actor;
  readonly tenant: Tenant;
}

/** One for a process. */
export function createFileDeps(options: FileOptions): FileDeps {
  return {
    ...options,
    quotas: { ...usualVisitorQuotas, ...options.quotas },
    archives: createGate(2, 32),
    fetches: createSharedGate({ atOnce: 8, each: 2, waitingMax: 256 }),
    fetching: new Map(),
  };
}
