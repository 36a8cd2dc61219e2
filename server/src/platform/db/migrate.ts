// Forward-only migrations, run by the owning role under a lock, each in its own transaction. A file that was applied and
// then edited is refused.

import { readdirSync, readFileSync } from "node:fs";
import type pg from "pg";
import { AppError } from "../../kernel/errors.ts";
import { sha256 } from "../crypto/hmac.ts";
import { databaseErrors } from "./errors.ts";

const folder = new URL("../../../migrations/", import.meta.url);
/** Any constant: two migrating processes take turns. */
const migrationLock = 4_071_123;

export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

/** The migrations this version brings, in order. */
export function listMigrations(): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    return { name, text, checksum: sha256(text).toString("hex") };
  });
}

async function readApplied(client: pg.ClientBase): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    "select name, checksum from parley_migrations",
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function applyOne(client: pg.ClientBase, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.text);
    await client.query("insert into parley_migrations (name, checksum) values ($1, $2)", [
      migration.name,
      migration.checksum,
    ]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    throw new AppError(databaseErrors.notMigrated, { note: migration.name, cause });
  }
}

/**
 * Applies what is missing, as the role `client` is connected as, which becomes the owner of the tables.
 * Returns the names applied. Throws `database.not_migrated` when a file fails or was edited after it was applied.
 */
export async function migrate(client: pg.ClientBase): Promise<readonly string[]> {
  await client.query("select pg_advisory_lock($1)", [migrationLock]);
  try {
    await client.query(`create table if not exists parley_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
    await client.query("grant select on parley_migrations to parley_runtime");
    const applied = await readApplied(client);
    const fresh: string[] = [];
    for (const migration of listMigrations()) {
      const checksum = applied.get(migration.name);
      if (checksum === migration.checksum) continue;
      if (checksum !== undefined) {
        throw new AppError(databaseErrors.notMigrated, { note: `${migration.name} was edited after it was applied` });
      }
      await applyOne(client, migration);
      fresh.push(migration.name);
    }
    return fresh;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [migrationLock]);
  }
}

const runtimeRoles = ["parley_runtime", "parley_lookup"];

/**
 * Makes the runtime and look-up roles, lets `service` (the role the server signs in as) step into the first, and lets
 * `owner` (the migrating role) hand look-up functions to the second. Needs CREATEROLE; safe to repeat. The service role
 * inherits nothing: outside a transaction that stepped in, it can read no table.
 */
export async function prepareRoles(client: pg.ClientBase, names: { owner: string; service: string }): Promise<void> {
  for (const role of runtimeRoles) {
    const { rows } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
    if (rows.length === 0) await client.query(`create role ${role} nologin nosuperuser nobypassrls noinherit`);
  }
  await client.query(`alter role ${quoteName(names.service)} noinherit`);
  const { rows } = await client.query<{ version: string }>("select current_setting('server_version_num') as version");
  // From version 16 on, inheriting is a property of the grant; before, of the role.
  const options = Number(rows[0]?.version) >= 160_000 ? " with inherit false, set true" : "";
  await client.query(`grant parley_runtime to ${quoteName(names.service)}${options}`);
  await client.query(`grant parley_lookup to ${quoteName(names.owner)}`);
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
