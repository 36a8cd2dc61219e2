// What the commands of operators work with: keys and the database, opened quietly.

import { readConfig, readProcessEnvironment } from "../config.ts";
import { type Core, openCore } from "../core.ts";
import { createLog } from "../platform/log/log.ts";

/** Opens what a command needs, quietly, runs it, and closes it again. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const config = readConfig(readProcessEnvironment());
  const core = await openCore(config, createLog({ level: config.PARLEY_LOG_LEVEL === "debug" ? "debug" : "warn" }));
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}
