// A database of its own for a test file: a copy of the migrated template.

import pg from "pg";
import { inject } from "vitest";
import { newId } from "../../crypto/random.ts";
import { Database } from "../database.ts";
import { embeddedRoles } from "../embedded/index.ts";
import { templateDatabase } from "./cluster.ts";

export interface TestDatabase {
  readonly database: Database;
  /** As the server connects: the service role. */
  readonly connection: { host: string; port: number; user: string; database: string };
  /** Runs SQL as the cluster's superuser, past every barrier: to look at what is really stored. */
  asAdmin<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Another handle on the same database. */
  open(options?: { connectionsMax?: number; role?: string }): Database;
  close(): Promise<void>;
}

const socketPort = 5432;

async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(config);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Copies the template. Close it when the file is done. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const host = inject("clusterSocketDir");
  const name = `test_${newId("event").slice(4)}`;
  const asCluster = { host, port: socketPort, user: embeddedRoles.admin, database: "postgres" };
  await withClient(asCluster, (client) => client.query(`create database ${name} template ${templateDatabase}`));
  const connection = { host, port: socketPort, user: embeddedRoles.service, database: name };
  const opened: Database[] = [];
  const open: TestDatabase["open"] = (options = {}) => {
    const database = new Database({ connection, connectionsMax: 6, onError: () => undefined, ...options });
    opened.push(database);
    return database;
  };
  return {
    database: open(),
    connection,
    open,
    asAdmin: (text, values = []) =>
      withClient({ ...asCluster, database: name }, async (client) => (await client.query(text, [...values])).rows),
    close: async () => {
      for (const database of opened) await database.close();
      await withClient(asCluster, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}
