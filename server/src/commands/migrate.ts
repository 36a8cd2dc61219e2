// `parley migrate`.

import { type Config, configErrors, readConfig, readProcessEnvironment } from "../config.ts";
import { AppError } from "../kernel/errors.ts";
import { migrateExternal } from "../open-database.ts";
import type { Invocation } from "./command.ts";
import { withCore } from "./with-core.ts";

async function migrateOwn(config: Config): Promise<readonly string[]> {
  const { DATABASE_URL: service, PARLEY_MIGRATION_URL: owner } = config;
  if (service === undefined) return [];
  if (owner === undefined) {
    const mistakes = [{ path: "PARLEY_MIGRATION_URL", message: "must name the role that owns the tables" }];
    throw new AppError(configErrors.invalid, { mistakes });
  }
  return migrateExternal(owner.reveal(), service.reveal());
}

/** Prints what was applied. The embedded database is migrated by being opened. */
export async function migrate(invocation: Invocation): Promise<void> {
  const config = readConfig(readProcessEnvironment());
  const applied = config.DATABASE_URL === undefined ? await withCore(async () => []) : await migrateOwn(config);
  invocation.print({ applied }, () =>
    applied.length === 0 ? "The schema is up to date." : `Applied: ${applied.join(", ")}`,
  );
}
