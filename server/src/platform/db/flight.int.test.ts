// Flights of statements on a real PostgreSQL.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../kernel/actor.ts";
import type { Tenant } from "../../kernel/ids.ts";
import type { SqlValue, TenantTx } from "../../kernel/tenant-tx.ts";
import { newId } from "../crypto/random.ts";
import { appStatement } from "./statement.ts";
import { createTestDatabase, type TestDatabase } from "./testing/test-database.ts";

const actor: Actor = { kind: "system", job: "flight test" };
const tenant: Tenant = { organisationId: newId("organisation"), appId: newId("app") };
const echo = appStatement<{ texts: string[]; bytes: Buffer[]; one: string | null }>(
  "test.echo",
  "select $3::text[] as texts, $4::bytea[] as bytes, $5::text as one, $1::uuid as organisation_id, $2::uuid as app_id",
);
const divide = appStatement<{ result: number }>(
  "test.divide",
  "select 6 / $3::integer as result, $1::uuid as organisation_id, $2::uuid as app_id",
);

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

function inTenant<T>(work: (tx: TenantTx) => Promise<T>): Promise<T> {
  return db.database.withTenant(actor, tenant, work);
}

describe("a flight", () => {
  it("brings every text and every byte back as it was", async () => {
    const values = fc.record({
      texts: fc.array(fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""))),
      bytes: fc.array(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
      one: fc.option(fc.string({ unit: "grapheme" })),
    });
    await fc.assert(
      fc.asyncProperty(values, async ({ texts, bytes, one }) => {
        const whole = texts.map((text) => text.toWellFormed());
        const sent: SqlValue[] = [whole, bytes, one?.toWellFormed().replaceAll("\0", "") ?? null];
        const [row] = await inTenant((tx) => tx.query(echo, sent));
        expect([row?.texts, row?.bytes, row?.one]).toEqual(sent);
      }),
      { numRuns: 200 },
    );
  });

  it("answers each statement with its own rows", async () => {
    const answers = await inTenant((tx) => Promise.all([1, 2, 3, 6].map((by) => tx.query(divide, [by]))));
    expect(answers.map(([row]) => row?.result)).toEqual([6, 3, 2, 1]);
  });

  it("fails whole from the statement that failed on, and leaves the connection usable", async () => {
    const single = db.open({ connectionsMax: 1 });
    const run = (divisors: readonly number[]): Promise<string[]> =>
      single.withTenant(actor, tenant, async (tx) => {
        const settled = await Promise.allSettled(divisors.map((by) => tx.query(divide, [by])));
        statuses.push(...settled.map((one) => one.status));
        return statuses;
      });
    const statuses: string[] = [];
    // The first time, the statements behind the failure are not known to PostgreSQL either.
    for (let time = 0; time < 3; time += 1) {
      statuses.length = 0;
      await expect(run([3, 0, 1])).rejects.toMatchObject({ code: "database.misuse" });
      expect(statuses).toEqual(["fulfilled", "rejected", "rejected"]);
    }
    const [row] = await single.withTenant(actor, tenant, (tx) => tx.query(divide, [2]));
    expect(row?.result).toBe(3);
  });

  it("keeps nothing of a transaction whose last statement failed", async () => {
    const failing = db.database.withBatch(actor, async (batch) => {
      batch.last(batch.enter(tenant).query(divide, [0]));
    });
    await expect(failing).rejects.toMatchObject({ code: "database.misuse" });
  });
});
