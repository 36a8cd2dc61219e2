// The floor's two tables and its one transaction, in a database of its own on the cluster that the product uses.

import { Client, Pool } from "pg";
import { embeddedRoles } from "../../server/src/platform/db/embedded/index.ts";

const database = "parley_bench_floor";
const connectionsMax = 10;

const tables = ["floor_inbound", "floor_outbound"];
const insertInbound = { name: "in", text: "INSERT INTO floor_inbound (app, member, text) VALUES ($1, $2, $3)" };
const insertOutbound = { name: "out", text: "INSERT INTO floor_outbound (app, member, text) VALUES ($1, $2, $3)" };
const begin = { name: "begin", text: "BEGIN" };
const commit = { name: "commit", text: "COMMIT" };

export interface Exchange {
  readonly app: number;
  readonly member: string;
  readonly text: string;
  readonly reply: string;
}

export class FloorStore {
  readonly #host: string;
  readonly #pool: Pool;

  constructor(socketDir: string) {
    this.#host = socketDir;
    const login = { host: socketDir, user: embeddedRoles.admin, database, ssl: false };
    this.#pool = new Pool({ ...login, max: connectionsMax, min: connectionsMax, idleTimeoutMillis: 0 });
  }

  /** Makes the database and the tables when absent. */
  async open(): Promise<void> {
    const client = new Client({ host: this.#host, user: embeddedRoles.admin, database: "postgres", ssl: false });
    await client.connect();
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
    await client.end();
    const columns = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, app integer, member text, text text";
    for (const table of tables) await this.#pool.query(`CREATE TABLE IF NOT EXISTS ${table} (${columns})`);
  }

  /** Both rows, or neither; durable when it returns. One round trip a statement. */
  async record({ app, member, text, reply }: Exchange): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query(begin);
      await client.query({ ...insertInbound, values: [app, member, text] });
      await client.query({ ...insertOutbound, values: [app, member, reply] });
      await client.query(commit);
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
