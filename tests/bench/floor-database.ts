// The floor's two tables, in a database of their own in the cluster the product uses, and the one transaction on them.

import pg from "pg";
import { AppError } from "../../server/src/kernel/errors.ts";
import { embeddedRoles, findRunningPostgres } from "../../server/src/platform/db/embedded/index.ts";
import { benchErrors } from "./errors.ts";

const database = "parley_bench_floor";

const tables = `
  create table if not exists floor_inbound (
    id bigint generated always as identity primary key, app text not null, member text not null, text text not null);
  create table if not exists floor_outbound (
    id bigint generated always as identity primary key, app text not null, member text not null, text text not null)`;

const insertInbound = {
  name: "floor_inbound",
  text: "insert into floor_inbound (app, member, text) values ($1, $2, $3)",
};
const insertOutbound = {
  name: "floor_outbound",
  text: "insert into floor_outbound (app, member, text) values ($1, $2, $3)",
};

export interface FloorMessage {
  readonly appId: string;
  readonly member: string;
  readonly text: string;
  readonly reply: string;
}

async function createDatabase(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, database: "postgres" });
  await client.connect();
  try {
    const found = await client.query("select from pg_database where datname = $1", [database]);
    if (found.rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}

/** Opens the tables in the running cluster of `dataDir`, made when absent. */
export async function openFloorDatabase(dataDir: string): Promise<pg.Pool> {
  const cluster = await findRunningPostgres(dataDir);
  if (cluster === undefined) throw new AppError(benchErrors.child, { note: "no database runs in the data directory" });
  const connection = { host: cluster.socketDir, port: cluster.port, user: embeddedRoles.admin };
  await createDatabase(connection);
  const pool = new pg.Pool({ ...connection, database, max: 10 });
  await pool.query(tables);
  return pool;
}

/** BEGIN, two INSERTs, COMMIT: one client a request, each statement awaited. */
export async function storeMessage(pool: pg.Pool, message: FloorMessage): Promise<void> {
  const { appId, member, text, reply } = message;
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query({ ...insertInbound, values: [appId, member, text] });
    await client.query({ ...insertOutbound, values: [appId, member, reply] });
    await client.query("commit");
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}
