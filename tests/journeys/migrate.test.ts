// `parley migrate` on a PostgreSQL of one's own, whose roles somebody else has to prepare.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawBytes } from "../../server/src/platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../server/src/platform/db/testing/test-database.ts";
import { runCommand } from "../support/server.ts";

let db: TestDatabase;
let dataDir: string;
const made: string[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "parley-migrate-"));
});
afterAll(async () => {
  for (const role of made) await db.asAdmin(`drop owned by ${role}; drop role ${role}`).catch(() => undefined);
  await db.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Runs `parley migrate` as the owner of the tables, who may not make roles, for a service role of this name. */
function migrate(service: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const toUrl = (user: string): string =>
    `postgres://${user}@localhost/${db.connection.database}?host=${encodeURIComponent(db.connection.host)}`;
  const settings = { DATABASE_URL: toUrl(service), PARLEY_MIGRATION_URL: toUrl("parley_owner") };
  return runCommand(["migrate"], { PARLEY_DATA_DIR: dataDir, ...settings });
}

/** The statements a refusal asks for. */
const readSql = (stderr: string): string[] =>
  [...stderr.matchAll(/^(?:create|alter|grant) .*?;/gm)].map(([line]) => line);

const drawName = (): string => `service_${drawBytes(6).toString("hex")}`;

describe("parley migrate", () => {
  it("says which SQL to run when somebody else made the service role, and goes on once it was run", async () => {
    const service = drawName();
    made.push(service);
    await db.asAdmin(`create role ${service} login`);
    const refused = await migrate(service);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Run this as a superuser, then run `parley migrate` again:");
    expect(refused.stderr).toContain("[database.roles_missing]");
    expect(refused.stderr).not.toMatch(/^\s+at /m);
    const sql = readSql(refused.stderr);
    expect(sql).toEqual([
      `alter role "${service}" noinherit;`,
      `grant parley_runtime to "${service}" with inherit false, set true;`,
      `grant parley_jobs to "${service}" with inherit false, set true;`,
    ]);
    for (const line of sql) await db.asAdmin(line);
    const notItsOwn = await migrate(service);
    expect([notItsOwn.code, readSql(notItsOwn.stderr)]).toEqual([
      1,
      [`alter database "${db.connection.database}" owner to "parley_owner";`],
    ]);
    for (const line of readSql(notItsOwn.stderr)) await db.asAdmin(line);
    expect(await migrate(service)).toEqual({ code: 0, stdout: "The schema is up to date.\n", stderr: "" });
  }, 60_000);

  it("says how to make a service role that is not there", async () => {
    const service = drawName();
    const refused = await migrate(service);
    expect([refused.code, readSql(refused.stderr)[0]]).toEqual([
      1,
      `create role "${service}" login noinherit password '...';`,
    ]);
  }, 60_000);
});
