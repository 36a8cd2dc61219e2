import type pg from "pg";
import { describe, expect, it } from "vitest";
import { assertSafeDatabase } from "./verify.ts";

/** A server of a version, with nothing else against it, that was never migrated. */
function connectTo(version: number): pg.ClientBase {
  const nothing = { is_superuser: false, bypasses: false, owned: null, can_create: false, unprotected: null };
  const query = async (sql: string): Promise<{ rows: unknown[] }> => ({
    rows: sql.includes("server_version_num") ? [{ ...nothing, version: String(version) }] : [],
  });
  return { query } as unknown as pg.ClientBase;
}

describe("the start-up check of the database", () => {
  it.each([90_600, 140_013, 150_008, 160_004, 170_000])(
    "SECURITY CVE-2024-10976: refuses version %i, which is too old to keep tenants apart",
    async (version) => {
      const refusal = { code: "database.unsafe", detail: expect.stringContaining("too old to keep tenants apart") };
      await expect(assertSafeDatabase(connectTo(version))).rejects.toMatchObject(refusal);
    },
  );

  it.each([150_009, 160_005, 170_001, 180_000, 190_000])("goes on to the schema with version %i", async (version) => {
    await expect(assertSafeDatabase(connectTo(version))).rejects.toMatchObject({ code: "database.not_migrated" });
  });
});
