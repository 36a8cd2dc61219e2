// The start-up check of the database: the server serves only when PostgreSQL itself would stop it from crossing tenants.

import type pg from "pg";
import { AppError } from "../../kernel/errors.ts";
import { databaseErrors } from "./errors.ts";
import { isApplied, listMigrations } from "./migrate.ts";

/** First minor versions without CVE-2024-10976 (row security below sub-queries ignores role changes). */
const firstSafeMinor: Readonly<Record<number, number>> = { 15: 9, 16: 5, 17: 1, 18: 0 };

interface Finding {
  readonly is_superuser: boolean;
  readonly bypasses: boolean;
  readonly owned: string | null;
  readonly can_create: boolean;
  readonly version: string;
  readonly unprotected: string | null;
}

const findingSql = `
  select bool_or(r.rolsuper) as is_superuser, bool_or(r.rolbypassrls) as bypasses,
    bool_or(exists (select from pg_namespace n where n.nspname in ('public', 'pgboss')
      and has_schema_privilege(r.rolname, n.oid, 'create'))) as can_create,
    (select min(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'pgboss') and pg_has_role(session_user, c.relowner, 'member')) as owned,
    (select min(c.relname) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
      and not (c.relrowsecurity and c.relforcerowsecurity)) as unprotected,
    current_setting('server_version_num') as version
  from pg_roles r where r.rolname in (session_user, 'parley_runtime', 'parley_jobs')`;

function assertSafe(finding: Finding): void {
  const refuse = (detail: string): never => {
    throw new AppError(databaseErrors.unsafe, { detail });
  };
  const toDo = "Sign in with a role that `parley migrate` prepared as the service role.";
  if (finding.is_superuser) refuse(`The server signs in to PostgreSQL as a superuser, whom nothing stops. ${toDo}`);
  if (finding.bypasses) refuse(`The server's database role may bypass row-level security. ${toDo}`);
  if (finding.owned !== null) refuse(`The server's database role owns the table ${finding.owned}. ${toDo}`);
  if (finding.can_create) refuse(`The server's database role may create tables. ${toDo}`);
  if (finding.unprotected !== null) {
    refuse(`The table ${finding.unprotected} has no forced row-level security. Run \`parley migrate\`.`);
  }
  const version = Number(finding.version);
  const major = Math.floor(version / 10_000);
  const minor = firstSafeMinor[major] ?? (major > 18 ? 0 : undefined);
  if (minor === undefined || version % 10_000 < minor) {
    refuse("This PostgreSQL is too old to keep tenants apart. Use 15.9, 16.5, 17.1 or later.");
  }
}

/**
 * Refuses a database in which tenants could meet: a service role that owns, bypasses or creates; a table without forced
 * row-level security; a server with a known hole in it; a schema of another version.
 * Throws `database.unsafe` or `database.not_migrated` with what to do.
 */
export async function assertSafeDatabase(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<Finding>(findingSql);
  const finding = rows[0];
  if (finding === undefined) throw new AppError(databaseErrors.unsafe);
  assertSafe(finding);
  await assertMigrated(client);
}

async function assertMigrated(client: pg.ClientBase): Promise<void> {
  await client.query("begin");
  try {
    await client.query("set local role parley_runtime");
    const { rows } = await client.query<{ name: string; checksum: string }>(
      "select name, checksum from parley_migrations",
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const missing = listMigrations().find((migration) => !isApplied(migration, applied.get(migration.name)));
    if (missing !== undefined) throw new AppError(databaseErrors.notMigrated, { note: missing.name });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(databaseErrors.notMigrated, { cause });
  } finally {
    await client.query("rollback");
  }
}
