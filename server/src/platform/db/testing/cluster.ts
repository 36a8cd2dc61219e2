// The PostgreSQL that all integration tests of one run share: started once, migrated once, and copied: as a database for each
// test file, or as a whole data folder for an installation of its own. Real roles, real row-level security; only durability
// of the shared one is switched off.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { TestProject } from "vitest/node";
import {
  type EmbeddedPostgres,
  embeddedDatabase,
  embeddedRoles,
  prepareCluster,
  startEmbeddedPostgres,
} from "../embedded/index.ts";
import { migrate, prepareRoles } from "../migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    clusterSocketDir: string;
  }
}

export const templateDatabase = "parley_template";
/** The environment variable that names a data folder as a first start leaves it, while tests run. */
export const preparedDataDir = "PARLEY_TEST_DATA_DIR";

async function withClient(
  { socketDir, port }: EmbeddedPostgres,
  who: { user: string; database: string },
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ host: socketDir, port, ...who });
  await client.connect();
  await work(client);
  await client.end();
}

/** Does what a first start does. */
async function prepare(dataDir: string): Promise<void> {
  const embedded = await startEmbeddedPostgres({ dataDir, settings: { fsync: "off" } });
  await prepareCluster(embedded);
  const { admin, owner } = embeddedRoles;
  await withClient(embedded, { user: admin, database: embeddedDatabase }, (client) =>
    prepareRoles(client, embeddedRoles),
  );
  await withClient(embedded, { user: owner, database: embeddedDatabase }, migrate);
  await embedded.stop({ force: true });
}

/** Copies a data folder with its owners. */
export async function copyDataDir(from: string, to: string): Promise<void> {
  await promisify(execFile)("cp", ["-a", `${from}/.`, to]);
}

/** Vitest's global set-up: starts the cluster and returns what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [dataDir, prepared] = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "parley-tests-"))));
  if (dataDir === undefined || prepared === undefined) throw new Error("no folders");
  await prepare(prepared);
  await copyDataDir(prepared, dataDir);
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "100" };
  const embedded = await startEmbeddedPostgres({ dataDir, settings });
  const create = `create database ${templateDatabase} template ${embeddedDatabase} owner ${embeddedRoles.owner}`;
  await withClient(embedded, { user: embeddedRoles.admin, database: "postgres" }, (client) => client.query(create));
  project.provide("clusterSocketDir", embedded.socketDir);
  process.env[preparedDataDir] = prepared;
  return async () => {
    await embedded.stop({ force: true });
    await Promise.all([dataDir, prepared].map((folder) => rm(folder, { recursive: true, force: true })));
  };
}
