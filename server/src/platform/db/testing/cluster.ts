// The PostgreSQL that all integration tests of one run share: started once, migrated once into a template, and copied for
// each test file. Real roles, real row-level security; only durability is switched off.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { type EmbeddedPostgres, embeddedRoles, prepareCluster, startEmbeddedPostgres } from "../embedded/index.ts";
import { migrate, prepareRoles } from "../migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    clusterSocketDir: string;
  }
}

export const templateDatabase = "parley_template";

async function makeTemplate(embedded: EmbeddedPostgres): Promise<void> {
  const connection = { host: embedded.socketDir, port: embedded.port };
  const admin = new pg.Client({ ...connection, user: embeddedRoles.admin, database: "postgres" });
  await admin.connect();
  await prepareRoles(admin, embeddedRoles);
  await admin.query(`create database ${templateDatabase} owner ${embeddedRoles.owner}`);
  await admin.end();
  const owner = new pg.Client({ ...connection, user: embeddedRoles.owner, database: templateDatabase });
  await owner.connect();
  await migrate(owner);
  await owner.end();
}

/** Vitest's global set-up: starts the cluster and returns what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "parley-tests-"));
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "100" };
  const embedded = await startEmbeddedPostgres({ dataDir, settings });
  await prepareCluster(embedded);
  await makeTemplate(embedded);
  project.provide("clusterSocketDir", embedded.socketDir);
  return async () => {
    await embedded.stop({ force: true });
    await rm(dataDir, { recursive: true, force: true });
  };
}
