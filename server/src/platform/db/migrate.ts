// Forward-only migrations, run by the owning role under a lock, each in its own transaction. A file that was applied and
// then edited is refused, unless it says that the earlier text led to the same.

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
  /** Of texts it had in earlier versions that led to the same tables: its comment says `Formerly <checksum>`. */
  readonly formerly: readonly string[];
}

/** The migrations this version brings, in order. */
export function listMigrations(): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const formerly = [...text.matchAll(/^-- Formerly ([0-9a-f]{64})\b/gm)].map(([, checksum = ""]) => checksum);
    return { name, text, checksum: sha256(text).toString("hex"), formerly };
  });
}

/** Whether what was applied under this checksum is the migration. */
export function isApplied({ checksum, formerly }: Migration, applied: string | undefined): boolean {
  return applied === checksum || (applied !== undefined && formerly.includes(applied));
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
 * Returns the names applied. Throws `database.not_migrated` when a file fails or was edited after it was applied,
 * `database.roles_missing`, with the SQL to run, when the role may not make tables here.
 */
export async function migrate(client: pg.ClientBase): Promise<readonly string[]> {
  await assertMayMigrate(client);
  await client.query("select pg_advisory_lock($1)", [migrationLock]);
  try {
    await client.query(`create table if not exists parley_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
    await client.query("grant select on parley_migrations to parley_runtime");
    const applied = await readApplied(client);
    const fresh: string[] = [];
    for (const migration of listMigrations()) {
      const checksum = applied.get(migration.name);
      if (isApplied(migration, checksum)) continue;
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

async function assertMayMigrate(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ may: boolean; database: string; owner: string }>(
    `select current_database() as database, current_user as owner, has_schema_privilege('public', 'create')
       and has_database_privilege(current_database(), 'create') as may`,
  );
  const [row] = rows;
  if (row === undefined || row.may) return;
  throw toRolesMissing([`alter database ${quoteName(row.database)} owner to ${quoteName(row.owner)}`]);
}

function toRolesMissing(statements: readonly string[], cause?: unknown): AppError {
  const detail = [
    "The migrating role may not do all that is needed. Run this as a superuser, then run `parley migrate` again:",
    ...statements.map((statement) => `${statement};`),
  ].join("\n");
  return new AppError(databaseErrors.rolesMissing, { detail, cause });
}

/** Roles that nobody signs in as: what the server steps into, what look-ups run as, and what background jobs run as. */
const innerRoles = ["parley_runtime", "parley_lookup", "parley_jobs"] as const;

/**
 * Makes the inner roles, lets `service` (the role the server signs in as) step into those of the runtime and of jobs, and
 * lets `owner` (the migrating role) hand functions to those of look-ups and of jobs. Safe to repeat. The service role
 * inherits nothing: outside a transaction that stepped in, it can read no table.
 * Throws `database.roles_missing`, with the SQL to run, when the connected role may not do what is missing.
 */
export async function prepareRoles(client: pg.ClientBase, names: { owner: string; service: string }): Promise<void> {
  const missing = await listMissing(client, names);
  for (const [index, sql] of missing.entries()) {
    await client.query(sql).catch((cause: unknown) => {
      throw toRolesMissing(missing.slice(index), cause);
    });
  }
}

/** What of the roles is not as it should be, as the statements that make it so. */
async function listMissing(client: pg.ClientBase, names: { owner: string; service: string }): Promise<string[]> {
  const { rows } = await client.query<{ version: number; roles: string[]; inheriting: boolean | null }>(
    `select current_setting('server_version_num')::integer as version,
       array(select rolname::text from pg_roles) as roles,
       (select rolinherit from pg_roles where rolname = $1) as inheriting`,
    [names.service],
  );
  const { version = 0, roles = [], inheriting = null } = rows[0] ?? {};
  const missing: string[] = innerRoles
    .filter((role) => !roles.includes(role))
    .map((role) => `create role ${role} nologin nosuperuser nobypassrls noinherit`);
  const service = quoteName(names.service);
  if (inheriting === null) missing.push(`create role ${service} login noinherit password '...'`);
  else if (inheriting) missing.push(`alter role ${service} noinherit`);
  // From version 16 on, inheriting is a property of the grant; before, of the role.
  const options = version >= 160_000 ? " with inherit false, set true" : "";
  const wanted: readonly (readonly [string, string, string])[] = [
    ["parley_runtime", names.service, options],
    ["parley_jobs", names.service, options],
    ["parley_lookup", names.owner, ""],
    ["parley_jobs", names.owner, ""],
  ];
  for (const [role, member, how] of wanted) {
    const isGranted = await hasGrant(client, { role, member, isService: how !== "", version });
    if (!isGranted) missing.push(`grant ${role} to ${quoteName(member)}${how}`);
  }
  return missing;
}

async function hasGrant(
  client: pg.ClientBase,
  grant: { role: string; member: string; isService: boolean; version: number },
): Promise<boolean> {
  // Whoever made a role is a member of it by a row that lets them neither step in nor inherit, beside any real grant.
  const mayStepIn = grant.version >= 160_000 ? "bool_or(m.set_option)" : "bool_and(true)";
  const inheritsNothing = grant.isService ? "bool_and(not m.inherit_option)" : "true";
  const { rows } = await client.query<{ found: boolean | null }>(
    `select ${mayStepIn} and ${inheritsNothing} as found from pg_auth_members m
     where m.roleid = (select oid from pg_roles where rolname = $1) and m.member = (select oid from pg_roles where rolname = $2)`,
    [grant.role, grant.member],
  );
  return rows[0]?.found === true;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
