// What processing and sending need to know of an app: its channels, opened, and the program each runs. Read again when the
// app's configuration revision has changed, inside the transaction that noticed.

import type { Program } from "@parley/engine";
import type { AppId, ChannelId } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { type ProgramLibrary, toProgram } from "../bots/index.ts";
import { type Channel, listChannels, openChannel } from "../channels/index.ts";
import type { Sealer } from "../keys/index.ts";

export interface ConfiguredChannel {
  readonly channel: Channel;
  readonly program: Program;
}

export interface AppConfiguration {
  readonly revision: string;
  readonly channels: ReadonlyMap<ChannelId, ConfiguredChannel>;
}

const appsMax = 5_000;

export class AppConfigurations {
  readonly #library: ProgramLibrary;
  readonly #known = new Map<AppId, AppConfiguration>();

  constructor(library: ProgramLibrary) {
    this.#library = library;
  }

  /** The app's configuration as of `revision`. */
  async at(tx: TenantTx, revision: string, sealer: Sealer): Promise<AppConfiguration> {
    const known = this.#known.get(tx.tenant.appId);
    if (known !== undefined && known.revision === revision) return known;
    const loaded = { revision, channels: await this.#load(tx, sealer) };
    this.#known.delete(tx.tenant.appId);
    this.#known.set(tx.tenant.appId, loaded);
    const [oldest] = this.#known.keys();
    if (this.#known.size > appsMax && oldest !== undefined) this.#known.delete(oldest);
    return loaded;
  }

  async #load(tx: TenantTx, sealer: Sealer): Promise<AppConfiguration["channels"]> {
    const [stored, trees] = await Promise.all([listChannels(tx), this.#library.loadTrees(tx)]);
    return new Map(
      stored.map((one) => {
        const channel = openChannel(tx.tenant, one, sealer);
        return [channel.channelId, { channel, program: toProgram(trees, channel.trees) }];
      }),
    );
  }
}
