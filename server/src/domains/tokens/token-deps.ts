// What looking after tokens needs, handed in.

import type { Clock } from "../../kernel/clock.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { Database } from "../../platform/db/index.ts";
import type { InstallationKeys } from "../keys/index.ts";

export interface TokenDeps {
  readonly database: Pick<Database, "lookUp" | "withTenant">;
  /** Keys the hashes that tokens are stored under. */
  readonly pepper: Secret<Buffer>;
  readonly clock: Clock;
  /** Opens people's addresses and seals letters. */
  readonly installation: Pick<InstallationKeys, "sealer">;
  /** Where this Parley is reached: the beginning of every link in a letter. */
  readonly publicUrl: string;
  /** A user agent in words, `Firefox on Windows`. */
  readonly describeDevice: (userAgent: string) => string;
}
