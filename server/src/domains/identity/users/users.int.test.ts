import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../kernel/clock.ts";
import type { Origin } from "../../../kernel/operation.ts";
import { Secret } from "../../../kernel/secret.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { InstallationKeys, type Sealer, toKeyRing } from "../../keys/index.ts";
import { identityErrors } from "../errors.ts";
import { findSession } from "../sessions/sessions.ts";
import { startSession } from "../sessions/start-session.ts";
import { findEmail, toEmail } from "./email.ts";
import { toPersonName } from "./name.ts";
import { createUser, findUserId, readUser, renameUser, setUserStatus } from "./users.ts";

const operator = { kind: "operator", command: "test" } as const;
const origin: Origin = { address: "192.0.2.7", userAgent: "Firefox/140", deviceToken: undefined };
const deps = {
  clock: systemClock,
  publicUrl: "https://parley.example",
  limitsFor: async () => ({ idleMinutes: 60, hours: 24 }),
};

let db: TestDatabase;
let sealer: Sealer;

beforeAll(async () => {
  db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  sealer = await new InstallationKeys({ database: db.database, provider, clock: systemClock }).sealer();
});
afterAll(() => db.close());

describe("addresses", () => {
  it("are one however they are typed", () => {
    expect(toEmail("  Ada.Lovelace@EXAMPLE.org ")).toBe("ada.lovelace@example.org");
    expect(toEmail("ada@BÜCHER.example")).toBe("ada@xn--bcher-kva.example");
  });

  it.each([
    "",
    "ada",
    "a@b@c",
    "ada\u0000@example.org",
    "ada\u200b@example.org",
    "ada\r\nBcc: x@example.org",
    '"a b"@example.org',
    `${"a".repeat(65)}@example.org`,
    `a@${"b".repeat(260)}.org`,
    { $gt: "" },
    ["a@example.org"],
    null,
  ])("CVE-2026-45688: %j is no address", (text) => {
    expect(findEmail(text)).toBeUndefined();
    expect(() => toEmail(text)).toThrow(expect.objectContaining({ code: identityErrors.emailInvalid.code }));
  });
});

describe("names", () => {
  it("are one line of 1 to 120 characters", () => {
    expect(toPersonName("  Ada  ")).toBe("Ada");
    for (const bad of ["", "   ", "a\nb", "x".repeat(121), "a\u202eb"]) {
      expect(() => toPersonName(bad)).toThrow(expect.objectContaining({ code: identityErrors.nameInvalid.code }));
    }
  });
});

describe("people", () => {
  it("are found by address in any spelling, and nothing readable is stored", async () => {
    const email = toEmail("Grace@example.org");
    const userId = await db.database.withBatch(operator, (batch) =>
      createUser(batch, { email, name: "Grace Hopper" }, sealer),
    );
    expect(await findUserId(db.database, toEmail(" GRACE@example.ORG"), sealer)).toBe(userId);
    const user = await db.database.withUser(operator, userId, (tx) => readUser(tx, sealer));
    expect(user).toMatchObject({ email, name: "Grace Hopper", status: "active", hasPassword: false, passkeys: 0 });
    const stored = JSON.stringify(
      await db.asAdmin("select encode(email, 'escape') e, encode(name, 'escape') n from users"),
    );
    expect(stored).not.toMatch(/grace/i);
  });

  it("have one account for each address, of 50 who ask at once", async () => {
    const email = toEmail("race@example.org");
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        db.database.withBatch(operator, (batch) => createUser(batch, { email, name: "Race" }, sealer)),
      ),
    );
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    const refused = results.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: identityErrors.emailTaken.code });
  });

  it("are renamed", async () => {
    const userId = await db.database.withBatch(operator, (batch) =>
      createUser(batch, { email: toEmail("rename@example.org"), name: "Before" }, sealer),
    );
    await db.database.withUser(operator, userId, (tx) => renameUser(tx, " After ", sealer));
    expect((await db.database.withUser(operator, userId, (tx) => readUser(tx, sealer))).name).toBe("After");
  });
});

describe("a session", () => {
  const start = (userId: `usr_${string}`, from: Origin = origin) =>
    db.database.withBatch(operator, (batch) =>
      startSession(
        batch,
        { userId, methods: ["password"], origin: from, sealer, requestId: "req", operation: "test" },
        deps,
      ),
    );

  it("is recognised by its token; a second device is reported once and known afterwards", async () => {
    const userId = await db.database.withBatch(operator, (batch) =>
      createUser(batch, { email: toEmail("device@example.org"), name: "Device" }, sealer),
    );
    const letters = async () => Number((await db.asAdmin<{ n: string }>("select count(*) as n from letters"))[0]?.n);
    const first = await start(userId);
    expect(first.tokens.device).toBeDefined();
    expect(await letters()).toBe(0);
    const live = await findSession(db.database, first.tokens.session.reveal());
    expect(live).toMatchObject({ userId, sessionId: first.sessionId, methods: ["password"] });
    const second = await start(userId);
    expect(await letters()).toBe(1);
    const known = await start(userId, { ...origin, deviceToken: second.tokens.device?.reveal() });
    expect(known.tokens.device).toBeUndefined();
    expect(await letters()).toBe(1);
  });

  it("CVE-2026-30831: is refused to somebody disabled, whose other sessions end at once", async () => {
    const userId = await db.database.withBatch(operator, (batch) =>
      createUser(batch, { email: toEmail("disabled@example.org"), name: "Disabled" }, sealer),
    );
    const { tokens } = await start(userId);
    await db.database.withUser(operator, userId, (tx) => setUserStatus(tx, "disabled"));
    expect(await findSession(db.database, tokens.session.reveal())).toBeUndefined();
    await expect(start(userId)).rejects.toMatchObject({ code: identityErrors.refused.code });
  });
});
