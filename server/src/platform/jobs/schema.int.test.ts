// The tables of pg-boss are made by our migrations, as the owning role; pg-boss itself may not change them.

import { getConstructionPlans, PgBoss } from "pg-boss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedRoles } from "../db/embedded/index.ts";
import { listMigrations } from "../db/migrate.ts";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const squeeze = (sql: string): string => sql.replaceAll(/\s+/g, " ").trim();

describe("the schema of the installed pg-boss", () => {
  it("is the one our migration makes: when this fails, put getMigrationPlans() of the installed version into a further migration", async () => {
    const plan = squeeze(getConstructionPlans("pgboss"));
    const statements = plan.slice(plan.indexOf("CREATE SCHEMA"), plan.lastIndexOf("COMMIT;"));
    const migration = listMigrations().find(({ name }) => name === "0020_pgboss.sql");
    expect(squeeze(migration?.text ?? "")).toContain(squeeze(statements));
  });

  it("has drifted nowhere, our own constraints aside", async () => {
    const boss = new PgBoss({
      ...db.connection,
      user: embeddedRoles.owner,
      schema: "pgboss",
      migrate: false,
      supervise: false,
    });
    await boss.start();
    const report = await boss.detectSchemaDrift();
    await boss.stop();
    const toDrift = (table: string, check: unknown): unknown => ({
      table,
      missingConstraints: [],
      unexpectedConstraints: [check],
    });
    const ours = [
      toDrift("queue", expect.stringContaining("name = '__pgboss__send-it'")),
      toDrift("schedule", "CHECK (parley_is_job_payload(data))"),
    ];
    expect({ ...report, ok: true }).toEqual({
      ok: true,
      ...{ missingTables: [], missing: [], building: [], invalid: [], extraIndexes: [], mismatched: [] },
      ...{ missingFunctions: [], mismatchedFunctions: [], columnDrift: [], constraintDrift: ours, enumDrift: null },
    });
  });
});
