import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../config.ts";
import { findUserId, startSession, toEmail } from "../domains/identity/index.ts";
import { InstallationKeys, toKeyRing } from "../domains/keys/index.ts";
import { createOrganisation } from "../domains/organisations/index.ts";
import { systemClock } from "../kernel/clock.ts";
import type { OrganisationId } from "../kernel/ids.ts";
import { Secret } from "../kernel/secret.ts";
import { drawBytes } from "../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../platform/db/testing/test-database.ts";
import { type AdminCore, performAdmin } from "./admin.ts";

let db: TestDatabase;
let core: AdminCore;
let organisationId: OrganisationId;

beforeAll(async () => {
  db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  const installation = new InstallationKeys({ database: db.database, provider, clock: systemClock });
  const config = { PARLEY_PUBLIC_URL: "https://parley.example" } as Config;
  core = { database: db.database, clock: systemClock, config, installation };
  organisationId = await createOrganisation(db.database, { kind: "operator", command: "test" }, "Ferry Office");
});
afterAll(() => db.close());

/** Runs an act and returns what it printed: the value of `--json` and the text. */
async function run(act: string, flags: Readonly<Record<string, string | true>> = {}) {
  const printed: { value: Record<string, unknown>; text: string }[] = [];
  await performAdmin(core, {
    act,
    isJson: false,
    has: (flag) => flags[flag] !== undefined,
    get: (flag) => (typeof flags[flag] === "string" ? flags[flag] : undefined),
    print: (value, text) => printed.push({ value: value as Record<string, unknown>, text: text() }),
  });
  return printed[0] ?? { value: {}, text: "" };
}

describe("parley admin", () => {
  it("makes an owner with an account, a link to choose a password, and an entry in the audit log", async () => {
    const flags = { organisation: organisationId, email: "Owner@example.org", name: "Olive Owner" };
    const { value, text } = await run("create", flags);
    expect(value).toMatchObject({
      isMade: true,
      link: expect.stringMatching(/^https:\/\/parley\.example\/reset\/new\?token=/),
    });
    expect(text).toContain("owns");
    const actions = (await db.asAdmin<{ action: string }>("select action from audit_entries")).map((row) => row.action);
    expect(actions).toEqual(expect.arrayContaining(["user.made_owner", "password.reset_link_made"]));
    expect((await run("create", flags)).value).toMatchObject({ isMade: false, userId: value["userId"] });
  });

  it("makes nothing in an organisation that is not there", async () => {
    const absent = `org_${"0".repeat(32)}`;
    const flags = { organisation: absent, email: "ghost@example.org", name: "Ghost" };
    await expect(run("create", flags)).rejects.toMatchObject({ code: "command.usage" });
    const sealer = await core.installation.sealer();
    expect(await findUserId(db.database, toEmail("ghost@example.org"), sealer)).toBeUndefined();
  });

  it("lists users with their places", async () => {
    const { text, value } = await run("list", { organisation: organisationId });
    expect(text).toContain("owner@example.org");
    expect(text).toContain("Ferry Office");
    expect(value).toHaveLength(1);
  });

  it("lists and ends sessions, takes factors away, and makes a link, by address or id", async () => {
    const sealer = await core.installation.sealer();
    const userId = await findUserId(db.database, toEmail("owner@example.org"), sealer);
    const origin = { address: "203.0.113.9", userAgent: "Firefox/140.0", deviceToken: undefined };
    const start = { origin, requestId: "r", operation: "test", methods: ["password"], sealer } as const;
    const deps = {
      ...{ clock: systemClock, publicUrl: "https://parley.example" },
      limitsFor: async () => ({ idleMinutes: 60, hours: 24 }),
    };
    if (userId === undefined) throw new TypeError("no owner");
    await db.database.withBatch({ kind: "anonymous" }, (batch) => startSession(batch, { ...start, userId }, deps));
    expect((await run("sessions", { user: userId })).text).toContain("203.0.113.0/24");
    expect((await run("sessions", { user: userId, end: true })).text).toBe("Ended 1 sessions.");
    expect((await run("sessions", { email: "owner@example.org" })).text).toBe("No session.");
    expect((await run("reset-factors", { user: userId })).value).toMatchObject({ passkeys: 0, hadTotp: false });
    expect((await run("reset-password-link", { user: userId })).value).toMatchObject({ userId });
  });

  it("says what is missing or unknown", async () => {
    await expect(run("sessions")).rejects.toMatchObject({ detail: "--user or --email is required" });
    await expect(run("sessions", { user: "usr_x" })).rejects.toMatchObject({ code: "command.usage" });
    await expect(run("sessions", { email: "nobody@example.org" })).rejects.toMatchObject({
      code: "identity.unknown_user",
    });
    await expect(run("create", { organisation: organisationId })).rejects.toMatchObject({
      detail: "--email is required",
    });
  });
});
