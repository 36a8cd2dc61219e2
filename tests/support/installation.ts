// A running installation with its house: the server as a process of its own, on a copy of the tests' database template
// where seconds count, or with the database it brings along, which writes to disk as in earnest.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { createTestDatabase } from "../../server/src/platform/db/testing/test-database.ts";
import { queryStored } from "./database.ts";
import { type House, openHouse } from "./house.ts";
import { findPort, type RunningServer, type Settings, startServer } from "./server.ts";

export interface Installation {
  readonly settings: Settings;
  readonly server: RunningServer;
  readonly house: House;
  /** Runs SQL past every barrier. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Another process on the same data with settings of its own, stopped with the installation. Returns where it listens. */
  startBeside(more: Settings): Promise<string>;
  close(): Promise<void>;
}

async function toDatabase(dataDir: string, isEmbedded: boolean) {
  if (isEmbedded) {
    const query: Installation["query"] = (text, values) => queryStored(dataDir, text, values);
    return { settings: {}, query, close: async () => undefined };
  }
  const { connection, asAdmin, close } = await createTestDatabase();
  const { host, user, database } = connection;
  const url = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`;
  return { settings: { DATABASE_URL: url }, query: asAdmin, close };
}

/** Starts a server and opens its house. */
export async function openInstallation(options: { settings?: Settings; isEmbedded?: boolean }): Promise<Installation> {
  const dataDir = mkdtempSync(join(tmpdir(), "parley-installation-"));
  const database = await toDatabase(dataDir, options.isEmbedded === true);
  const settings = {
    ...{ PARLEY_DATA_DIR: dataDir, PARLEY_PORT: String(await findPort()), PARLEY_LOG_LEVEL: "error" },
    ...database.settings,
    ...options.settings,
  };
  const server = await startServer(settings);
  const house = await openHouse(settings);
  const beside: RunningServer[] = [];
  return {
    ...{ settings, server, house, query: database.query },
    startBeside: async (more) => {
      const port = String(await findPort());
      beside.push(await startServer({ ...settings, PARLEY_PORT: port, ...more }));
      return `http://127.0.0.1:${port}`;
    },
    close: async () => {
      await house.close();
      for (const one of [...beside, server]) await one.stop();
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
