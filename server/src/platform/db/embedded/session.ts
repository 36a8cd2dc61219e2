// Short administrative sessions over the socket, and the wait until the server takes them. Readiness is proved by a
// real connection as the administrator, which also proves the ident map; never by a sleep or by the socket's existence.

import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { AppError } from "../../../kernel/errors.ts";
import { embeddedErrors, hasCode } from "./errors.ts";
import { socketPort } from "./settings.ts";

/** The only roles the ident map lets in. `admin` is the cluster's superuser; the others come from `prepareCluster`. */
export const embeddedRoles = { admin: "parley_admin", owner: "parley_owner", service: "parley_service" } as const;

/** Runs `work` as the administrator in one database and closes the session. */
export async function withAdmin<T>(
  target: { readonly socketDir: string; readonly database: string },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: target.socketDir,
    port: socketPort,
    user: embeddedRoles.admin,
    database: target.database,
    ssl: false,
    connectionTimeoutMillis: 10_000,
    // Given here so that a PGOPTIONS of the caller does not apply; a fixed path so that no object shadows a built-in.
    options: "-c search_path=pg_catalog",
  });
  // A session cut by a stop reports here as well as in the pending query; without a listener it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export interface Waiting {
  readonly socketDir: () => Promise<string>;
  /** Answers false once the process is gone. */
  readonly isAlive: () => Promise<boolean>;
  readonly log: (message: string, fields?: object) => void;
  readonly deadline: AbortSignal;
}

const firstPauseMs = 5;
const lastPauseMs = 250;
const progressMs = 5_000;

/**
 * Waits until the server takes an administrator's session: true, or false when the process ended meanwhile.
 * Fails `database.start_slow` at the deadline (the server goes on recovering) and `database.other_user` when refused.
 */
export async function isReady(waiting: Waiting): Promise<boolean> {
  const { log } = waiting;
  const progress = setInterval(() => log("the embedded database is recovering, still waiting"), progressMs);
  try {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.3, lastPauseMs)) {
      const refusal = await tryOnce(await waiting.socketDir());
      if (refusal === undefined) return true;
      if (!(await waiting.isAlive())) return false;
      if (waiting.deadline.aborted) throw new AppError(embeddedErrors.slow, { cause: refusal });
      await sleep(pauseMs);
    }
  } finally {
    clearInterval(progress);
  }
}

/** Undefined when the server answered. Throws when waiting longer cannot help. */
async function tryOnce(socketDir: string): Promise<Error | undefined> {
  try {
    await withAdmin({ socketDir, database: "postgres" }, (client) => client.query("SELECT 1"));
    return undefined;
  } catch (error) {
    // 28000: the ident map names another user. EACCES: the socket's directory does.
    if (hasCode(error, "28000", "EACCES")) throw new AppError(embeddedErrors.forbidden, { cause: error });
    // 53300: every slot is taken, so the server is up.
    if (hasCode(error, "53300")) return undefined;
    return error instanceof Error ? error : new AppError(embeddedErrors.failed, { note: String(error) });
  }
}
