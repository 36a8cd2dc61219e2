import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InstallationKeys } from "../../server/src/domains/keys/installation.ts";
import { Keychain } from "../../server/src/domains/keys/keychain.ts";
import { openKeyRing, toKeyRing } from "../../server/src/domains/keys/local-ring.ts";
import {
  createApp,
  createOrganisation,
  hasOrganisations,
  issueSetupCode,
  useSetupCode,
} from "../../server/src/domains/organisations/index.ts";
import { createManualClock } from "../../server/src/kernel/clock.ts";
import { toUuid } from "../../server/src/kernel/ids.ts";
import { Secret } from "../../server/src/kernel/secret.ts";
import { createTestDatabase, type TestDatabase } from "../../server/src/platform/db/testing/test-database.ts";

const actor = { kind: "system", job: "test" } as const;
const because = { actor, reason: "test" };
let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "parley-ring-"));
});
afterAll(() => db.close());

async function createScene() {
  const { provider } = openKeyRing(join(folder, "ring.json"), true);
  const clock = createManualClock(1_000_000);
  const keychain = new Keychain({ database: db.database, provider, clock });
  const organisationId = await createOrganisation(db.database, actor, "Test");
  const tenant = await createApp({ database: db.database, provider, actor }, organisationId, "Test");
  return { provider, clock, keychain, tenant, organisationId };
}

describe("the keychain", () => {
  it("SECURITY: ends a data key at 2^24 uses; what it encrypted stays readable", async () => {
    const { keychain, tenant, clock, provider } = await createScene();
    const field = { table: "messages", column: "content", row: "r" };
    const before = (await keychain.sealerFor(tenant, because)).seal(field, "old");
    await db.asAdmin("update data_keys set uses = $2 where app_id = $1 and purpose = 'content'", [
      toUuid(tenant.appId),
      2 ** 24,
    ]);
    const next = await new Keychain({ database: db.database, provider, clock }).sealerFor(tenant, because);
    const after = next.seal(field, "new");
    expect(after.subarray(1, 17)).not.toEqual(before.subarray(1, 17));
    expect([next.open(field, before).toString(), next.open(field, after).toString()]).toEqual(["old", "new"]);
    const rows = await db.asAdmin(
      "select version, retired_at is not null as retired from data_keys where app_id = $1 and purpose = 'content' order by 1",
      [toUuid(tenant.appId)],
    );
    expect(rows).toEqual([
      { version: 1, retired: true },
      { version: 2, retired: false },
    ]);
  });

  it("SECURITY: counts uses before they happen, and writes who had keys unwrapped and why", async () => {
    const { keychain, tenant } = await createScene();
    await keychain.sealerFor(tenant, because);
    const [counted] = await db.asAdmin<{ uses: string }>(
      "select uses from data_keys where app_id = $1 and purpose = 'content'",
      [toUuid(tenant.appId)],
    );
    expect(Number(counted?.uses)).toBe(2 ** 16);
    const accesses = await db.asAdmin("select actor, reason from key_accesses where app_id = $1", [
      toUuid(tenant.appId),
    ]);
    expect(accesses).toEqual(Array.from({ length: 3 }, () => ({ actor: "system:test", reason: "test" })));
  });

  it("keeps unwrapped keys for minutes only", async () => {
    const { keychain, tenant, clock } = await createScene();
    const first = await keychain.sealerFor(tenant, because);
    clock.advance(3 * 60_000);
    expect(await keychain.sealerFor(tenant, because)).toBe(first);
    clock.advance(2 * 60_000);
    expect(await keychain.sealerFor(tenant, because)).not.toBe(first);
  });

  it("SECURITY: a blind index is the same for equal values of one column of one app, and unrelated elsewhere", async () => {
    const [one, two] = [await createScene(), await createScene()];
    const [a, b] = [
      await one.keychain.sealerFor(one.tenant, because),
      await two.keychain.sealerFor(two.tenant, because),
    ];
    const index = a.blindIndex("members", "external_id", "49152");
    expect(a.blindIndex("members", "external_id", "49152")).toEqual(index);
    expect(index.length).toBe(16);
    const others = [
      a.blindIndex("members", "external_id", "49153"),
      a.blindIndex("members", "name", "49152"),
      b.blindIndex("members", "external_id", "49152"),
    ];
    for (const other of others) expect(other).not.toEqual(index);
  });

  it("SECURITY CVE-2026-42142: one app's sealer does not open another app's envelope, not even of the same place", async () => {
    const [one, two] = [await createScene(), await createScene()];
    const [a, b] = [
      await one.keychain.sealerFor(one.tenant, because),
      await two.keychain.sealerFor(two.tenant, because),
    ];
    const field = { table: "messages", column: "content", row: "r" };
    expect(() => b.open(field, a.seal(field, "x"))).toThrow("could not be decrypted");
  });
});

describe("the key ring", () => {
  it("SECURITY: is made for its owner alone, and refused when others may read it, when it is damaged and when it is missing", () => {
    const path = join(folder, "own", "ring.json");
    openKeyRing(path, true);
    const text = readFileSync(path, "utf8");
    chmodSync(path, 0o640);
    expect(() => openKeyRing(path, true)).toThrow(expect.objectContaining({ code: "keys.unsafe_ring" }));
    chmodSync(path, 0o600);
    writeFileSync(path, text.slice(0, 50));
    expect(() => openKeyRing(path, true)).toThrow(expect.objectContaining({ code: "keys.unsafe_ring" }));
    expect(() => openKeyRing(join(folder, "absent.json"), false)).toThrow(
      expect.objectContaining({ code: "keys.missing" }),
    );
  });

  it.each([Buffer.alloc(32), Buffer.alloc(32, "parley"), Buffer.alloc(31, 7)])(
    "SECURITY: refuses a master key that is a sample or too short",
    (key) => {
      expect(() => toKeyRing(new Secret(key.toString("base64")))).toThrow(
        expect.objectContaining({ code: "keys.unsafe_ring" }),
      );
    },
  );

  it("prints no secret", () => {
    const { pepper } = openKeyRing(join(folder, "ring.json"), true);
    expect([String(pepper), JSON.stringify({ pepper })]).toEqual(["[secret]", '{"pepper":"[secret]"}']);
  });
});

describe("the set-up code", () => {
  it("SECURITY: 50 parallel uses give exactly one success", async () => {
    const { provider, clock } = await createScene();
    const sealer = await new InstallationKeys({ database: db.database, provider, clock }).sealer();
    const code = await issueSetupCode(db.database, sealer);
    const uses = await Promise.all(Array.from({ length: 50 }, () => useSetupCode(db.database, code, sealer)));
    expect(uses.filter(Boolean).length).toBe(1);
    expect(await useSetupCode(db.database, code, sealer)).toBe(false);
    expect(await useSetupCode(db.database, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", sealer)).toBe(false);
    expect(await hasOrganisations(db.database)).toBe(true);
  });
});
