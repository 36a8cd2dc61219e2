// Finds a channel from its id alone, for a platform that knows nothing else. Keeps what it found for half a minute, or
// until the app says that its configuration changed.

import type { Clock } from "../../kernel/clock.ts";
import { type AppId, type ChannelId, toUuid } from "../../kernel/ids.ts";
import type { Database } from "../../platform/db/index.ts";
import type { Keychain } from "../keys/index.ts";
import { type Channel, openChannel } from "./channel.ts";
import { findChannel, findChannelTenantSql, isAppOpen, toTenantIds } from "./store.ts";

const freshMs = 30_000;
/** Unknown ids are remembered for a moment, so that guessing them costs no query each. */
const absentMs = 2_000;
const entriesMax = 10_000;

interface Entry {
  readonly found: Promise<Channel | undefined>;
  untilMs: number;
}

export class ChannelDirectory {
  readonly #database: Database;
  readonly #keychain: Keychain;
  readonly #clock: Clock;
  readonly #entries = new Map<ChannelId, Entry>();

  constructor(options: { database: Database; keychain: Keychain; clock: Clock }) {
    this.#database = options.database;
    this.#keychain = options.keychain;
    this.#clock = options.clock;
  }

  /** The channel, switched on or off; undefined when there is none. */
  find(channelId: ChannelId): Promise<Channel | undefined> {
    const nowMs = this.#clock.nowMs();
    const entry = this.#entries.get(channelId);
    if (entry !== undefined && entry.untilMs > nowMs) return entry.found;
    const fresh: Entry = { found: this.#load(channelId), untilMs: nowMs + freshMs };
    this.#entries.delete(channelId);
    this.#entries.set(channelId, fresh);
    this.#shortenIfAbsent(channelId, fresh);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > entriesMax && oldest !== undefined) this.#entries.delete(oldest);
    return fresh.found;
  }

  /** Forgets the channels of one app. */
  forget(appId: AppId): void {
    for (const [channelId, entry] of this.#entries) {
      void entry.found.then(
        (channel) => {
          if (channel?.tenant.appId === appId) this.#entries.delete(channelId);
        },
        () => undefined,
      );
    }
  }

  /** Forgets everything, after notices may have been missed. */
  forgetAll(): void {
    this.#entries.clear();
  }

  #shortenIfAbsent(channelId: ChannelId, entry: Entry): void {
    entry.found.then(
      (channel) => {
        if (channel === undefined) entry.untilMs = this.#clock.nowMs() + absentMs;
      },
      () => this.#entries.delete(channelId),
    );
  }

  async #load(channelId: ChannelId): Promise<Channel | undefined> {
    const rows = await this.#database.lookUp(findChannelTenantSql, [toUuid(channelId)]);
    const row = rows[0];
    if (row === undefined) return undefined;
    const tenant = toTenantIds(row);
    const actor = { kind: "channel", channelId } as const;
    const sealer = await this.#keychain.sealerFor(tenant, { actor, reason: "inbound" });
    const { stored, isOpen } = await this.#database.withTenant(actor, tenant, async (tx) => ({
      stored: await findChannel(tx, channelId),
      isOpen: await isAppOpen(tx),
    }));
    if (stored === undefined) return undefined;
    // A closed app's channels are off: platforms are refused, and try again later by themselves.
    return openChannel(tenant, { ...stored, enabled: stored.enabled && isOpen }, sealer);
  }
}
