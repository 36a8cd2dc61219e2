// What sessions of visitors are made with.

import type { Clock } from "../../../kernel/clock.ts";
import type { Secret } from "../../../kernel/secret.ts";
import type { Database } from "../../../platform/db/index.ts";
import type { Logger } from "../../../platform/log/log.ts";
import type { ChannelDirectory } from "../../channels/index.ts";
import type { Keychain } from "../../keys/index.ts";

export interface SessionDeps {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly directory: ChannelDirectory;
  /** Keys the MAC of tokens. */
  readonly pepper: Secret<Buffer>;
  readonly clock: Clock;
  readonly log: Logger;
}
