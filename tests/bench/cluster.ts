// A PostgreSQL of the benchmark's own: the embedded one with its usual settings (fsync on), in a temporary directory that
// goes with it. The floor and the product share it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import {
  embeddedDatabase,
  embeddedRoles,
  prepareCluster,
  startEmbeddedPostgres,
} from "../../server/src/platform/db/embedded/index.ts";

export interface Cluster {
  readonly dataDir: string;
  /** The postmaster. */
  readonly pid: number;
  /** Runs statements on the product's database as the administrator, whom row-level security does not hold. */
  run(statements: string): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

/** Starts a fresh cluster. `settings` on top of the usual ones. */
export async function openCluster(settings: Readonly<Record<string, string>>): Promise<Cluster> {
  const dataDir = await mkdtemp(join(tmpdir(), "parley-bench-"));
  const embedded = await startEmbeddedPostgres({ dataDir, settings });
  await prepareCluster(embedded);
  const socket = { host: embedded.socketDir, port: embedded.port, user: embeddedRoles.admin };
  // By this name a Parley process that stops sees that somebody still uses the database, and leaves it running.
  const client = new pg.Client({ ...socket, database: embeddedDatabase, application_name: "parley presence" });
  client.on("error", () => undefined);
  await client.connect();
  return {
    dataDir,
    pid: embedded.pid,
    run: (statements) => client.query(statements),
    async close() {
      await client.end();
      await embedded.stop({ force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
