import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserActor } from "../../../kernel/actor.ts";
import { systemClock } from "../../../kernel/clock.ts";
import type { ChannelId, Tenant } from "../../../kernel/ids.ts";
import { Secret } from "../../../kernel/secret.ts";
import { drawBytes, newId } from "../../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { Keychain, toKeyRing } from "../../keys/index.ts";
import { createApp, createOrganisation } from "../../organisations/index.ts";
import { ChannelDirectory, createChannel, createChannelOperations } from "../index.ts";
import { listIdentitySecrets } from "../web/identity.ts";

const operator = { kind: "operator", command: "test" } as const;
const origin = { address: "127.0.0.1", userAgent: "", deviceToken: undefined };
const secret = "a-secret-drawn-for-tests-0123456789";

let db: TestDatabase;
let keychain: Keychain;
let tenant: Tenant;
let other: Tenant;
let user: UserActor;

beforeAll(async () => {
  db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  keychain = new Keychain({ database: db.database, provider, clock: systemClock });
  const organisationId = await createOrganisation(db.database, operator, "o");
  const make = (name: string): Promise<Tenant> =>
    createApp({ database: db.database, provider, actor: operator }, organisationId, name);
  [tenant, other] = [await make("a"), await make("b")];
  const ids = { userId: newId("user"), sessionId: newId("session") };
  user = { kind: "user", ...ids, ...tenant, scopes: ["channel:admin"], isSteppedUp: true };
});
afterAll(() => db.close());

async function run(name: string, input: object, place = tenant): Promise<unknown> {
  const operation = createChannelOperations({ keychain }).find((one) => one.name === name);
  return db.database.withTenant(user, place, async (tx) =>
    operation?.run({ tx, actor: user, input, requestId: "r", origin, bytes: Buffer.alloc(0) }),
  );
}

async function add(kind = "web"): Promise<ChannelId> {
  const settings = kind === "custom" ? { callbackUrl: "https://platform.example/in" } : {};
  const made = await run("channels.create", { kind, name: "Site", settings, credentials: {} });
  return (made as { channelId: ChannelId }).channelId;
}

const put = (channelId: ChannelId, settings: object): Promise<unknown> =>
  run("channels.putWeb", { ...base, channelId, ...settings });
const base = {
  ...{
    origins: [],
    appearance: { accent: "#2e54c4", position: "right", theme: "auto" },
    texts: { en: { title: "x" } },
  },
  ...{ defaultLocale: "en", quickStarts: [], identity: { mode: "off", publicKeysPem: [] } },
};
const find = (channelId: ChannelId) =>
  new ChannelDirectory({ database: db.database, keychain, clock: systemClock }).find(channelId);

describe("a web channel", () => {
  it("begins shown by nobody, and every other kind is without", async () => {
    const channelId = await add();
    expect(await run("channels.getWeb", { channelId })).toMatchObject({ origins: [], demoPage: false });
    expect((await find(channelId))?.web?.origins).toEqual([]);
    expect(await find(await add("custom"))).not.toHaveProperty("web");
  });

  it("is served with what was saved, and tells every process at once", async () => {
    const channelId = await add();
    const before = await revision();
    await put(channelId, { origins: ["https://shop.example"] });
    expect((await find(channelId))?.web?.origins).toEqual(["https://shop.example"]);
    expect(await revision()).toBe(before + 1);
  });

  it("has settings only where it is a web channel, and only in its own app", async () => {
    const custom = await add("custom");
    for (const name of ["channels.getWeb", "channels.putWeb", "channels.putIdentitySecret", "channels.endVisitors"]) {
      const input = { ...base, secret, keepPrevious: true };
      await expect(run(name, { ...input, channelId: custom })).rejects.toMatchObject({ code: "channels.not_web" });
      const foreign = run(name, { ...input, channelId: await add() }, other);
      await expect(foreign).rejects.toMatchObject({ code: "channels.not_found", status: 404 });
    }
  });

  it("CVE-2026-46423: takes nobody's word for who a visitor is: identity needs something to check it with", async () => {
    const channelId = await add();
    const required = { identity: { mode: "required", publicKeysPem: [] } };
    const refusal = { code: "channels.incomplete", mistakes: [{ path: "identity.mode" }] };
    await expect(put(channelId, required)).rejects.toMatchObject(refusal);
    await run("channels.putIdentitySecret", { channelId, secret, keepPrevious: true });
    await put(channelId, required);
    const gone = run("channels.putIdentitySecret", { channelId, secret: null, keepPrevious: true });
    await expect(gone).rejects.toMatchObject(refusal);
    await put(channelId, {});
    await run("channels.putIdentitySecret", { channelId, secret: null, keepPrevious: true });
    expect(listIdentitySecrets((await find(channelId))?.credentials ?? {})).toEqual([]);
  });

  it("keeps the secret encrypted, shows it nowhere, and leaves the channel's own secret alone", async () => {
    const channelId = await add();
    const own = (await find(channelId))?.channelSecret;
    expect(await run("channels.putIdentitySecret", { channelId, secret, keepPrevious: true })).toEqual({});
    const channel = await find(channelId);
    expect(listIdentitySecrets(channel?.credentials ?? {})).toEqual([secret]);
    expect(channel?.channelSecret).toBe(own);
    const [row] = await db.asAdmin<{ all: string }>(
      "select channels::text as all from channels where channel_id = $1",
      [channelId.slice(4)],
    );
    expect(row?.all).not.toContain(secret);
    expect(row?.all).not.toContain(Buffer.from(secret).toString("hex"));
    expect(JSON.stringify(await run("channels.getWeb", { channelId }))).not.toContain(secret);
    expect(JSON.stringify(await run("channels.get", { channelId }))).not.toContain(secret);
  });

  it("refuses a person who has not just shown a second factor, and every token, the secret", () => {
    const operation = createChannelOperations({ keychain }).find(({ name }) => name === "channels.putIdentitySecret");
    expect(operation?.stepUp).toBe(true);
  });

  it("ends all visitors' sessions from one moment on, and tells it", async () => {
    const channelId = await add();
    expect(await find(channelId)).not.toHaveProperty("visitorsSinceMs");
    const before = await revision();
    const { endedAt } = (await run("channels.endVisitors", { channelId })) as { endedAt: string };
    expect((await find(channelId))?.visitorsSinceMs).toBe(Date.parse(endedAt));
    expect(await revision()).toBe(before + 1);
    const again = (await run("channels.endVisitors", { channelId })) as { endedAt: string };
    expect(Date.parse(again.endedAt)).toBeGreaterThanOrEqual(Date.parse(endedAt));
  });

  it("is off for everybody when it is switched off", async () => {
    const channelId = await add();
    await run("channels.update", { channelId, enabled: false });
    expect((await find(channelId))?.enabled).toBe(false);
    expect((await find(channelId))?.web).toBeDefined();
  });

  it("cannot be stored without its settings, nor another kind with them", async () => {
    const channelId = await add();
    await expect(
      db.asAdmin("update channels set web = null where channel_id = $1", [channelId.slice(4)]),
    ).rejects.toThrow("channels_web");
    const custom = await add("custom");
    await expect(db.asAdmin("update channels set web = '{}' where channel_id = $1", [custom.slice(4)])).rejects.toThrow(
      "channels_web",
    );
  });

  it("can be made with its settings in one step", async () => {
    const sealer = await keychain.sealerFor(tenant, { actor: operator, reason: "test" });
    const web = { ...((await run("channels.getWeb", { channelId: await add() })) as object), demoPage: true } as never;
    const input = { kind: "web", name: "Demo", settings: {}, credentials: {}, web };
    const { channelId } = await db.database.withTenant(operator, tenant, (tx) => createChannel(tx, input, sealer));
    expect((await find(channelId))?.web?.demoPage).toBe(true);
  });
});

async function revision(): Promise<number> {
  const [row] = await db.asAdmin<{ revision: string }>(
    "select configuration_revision as revision from apps where app_id = $1",
    [tenant.appId.slice(4)],
  );
  return Number(row?.revision);
}
