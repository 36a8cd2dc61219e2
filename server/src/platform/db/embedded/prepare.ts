// The roles and the database of a fresh cluster. Runs at every start and pins what it finds to what it must be: the
// service role owns nothing and bypasses nothing, and nobody gets into a database by default.

import type { Client } from "pg";
import { embeddedRoles, withAdmin } from "./session.ts";

/** The database that holds Parley's tables. */
export const embeddedDatabase = "parley";

// "parley" in ASCII: two starts must not create the same role at once.
const lockKey = "123563833845113";

const { owner, service } = embeddedRoles;
// SECURITY: neither role may bypass row-level security, become another, or make roles and databases.
const attributes = "LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL";

const creations: Readonly<Record<string, string>> = {
  [owner]: `CREATE ROLE ${owner}`,
  [service]: `CREATE ROLE ${service}`,
  [embeddedDatabase]: `CREATE DATABASE ${embeddedDatabase} OWNER ${owner}`,
};

const pins = [
  `ALTER ROLE ${owner} ${attributes}`,
  `ALTER ROLE ${service} ${attributes}`,
  // SECURITY: a session's errors go to its client only: their text can quote a value. Background processes keep theirs.
  "ALTER ROLE ALL SET log_min_messages = 'fatal'",
  `ALTER DATABASE ${embeddedDatabase} OWNER TO ${owner}`,
  `REVOKE ALL ON DATABASE ${embeddedDatabase}, postgres, template1 FROM PUBLIC`,
  `GRANT CONNECT ON DATABASE ${embeddedDatabase} TO ${service}`,
];

/** Creates and pins the roles and the database. Safe to repeat and to run twice at once. */
export async function prepareCluster(embedded: { readonly socketDir: string }): Promise<void> {
  await withAdmin({ socketDir: embedded.socketDir, database: "postgres" }, async (client) => {
    // Held until the session ends.
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
    for (const [name, statement] of Object.entries(creations)) {
      if (!(await isPresent(client, name))) await client.query(statement);
    }
    for (const statement of pins) await client.query(statement);
  });
}

async function isPresent(client: Client, name: string): Promise<boolean> {
  const found = await client.query(
    "SELECT FROM pg_roles WHERE rolname = $1 UNION ALL SELECT FROM pg_database WHERE datname = $1",
    [name],
  );
  return found.rowCount !== 0;
}
