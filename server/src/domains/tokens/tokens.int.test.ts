// Access tokens on a real database, through the real guards: made, used, rotated, ended, and never more than their maker.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { buildApi } from "../../api/index.ts";
import { createAuthenticate } from "../../authenticate.ts";
import { createManualClock } from "../../kernel/clock.ts";
import { type ChannelId, type OrganisationId, type Tenant, toUuid, type UserId } from "../../kernel/ids.ts";
import { operation } from "../../kernel/operation.ts";
import { Database } from "../../platform/db/index.ts";
import type { HttpServer } from "../../platform/http/index.ts";
import { createMemoryLog, createTestServer } from "../../platform/http/testing.ts";
import { recordAudit } from "../audit/index.ts";
import { drawToken } from "./format.ts";
import { authenticateToken, createTokenOperations, type TokenDeps, warnExpiring } from "./index.ts";
import { createPeopleStage, type PeopleStage } from "./testing/people-stage.ts";

const clock = createManualClock(Date.now());
const system = { kind: "system", job: "test" } as const;
const dayMs = 86_400_000;
let stage: PeopleStage;
let deps: TokenDeps;
let server: HttpServer;
let organisationId: OrganisationId;
let app: Tenant;
let otherApp: Tenant;
let people: Record<"owner" | "admin" | "channel_manager" | "builder" | "auditor", UserId>;

const probe = (name: string, permission: "channel:read" | "conversation:read") =>
  operation({
    ...{ name, summary: "Says who calls.", method: "GET", path: `/api/v1/probe/${name}`, scope: "app", permission },
    output: z.object({ channelIds: z.array(z.string().max(40)).max(9).optional() }),
    ...{ channel: "filters", audit: { none: "a probe of the tests" }, rate: "read", stepUp: false },
    run: async ({ actor }) =>
      actor.kind !== "anonymous" && actor.channelIds ? { channelIds: [...actor.channelIds] } : {},
  });

beforeAll(async () => {
  stage = await createPeopleStage();
  const { pepper, installation, keychain } = stage;
  const { database } = stage.db;
  deps = {
    ...{ database, pepper, clock, installation },
    publicUrl: "https://parley.example",
    describeDevice: () => "Firefox",
  };
  organisationId = await stage.addOrganisation();
  app = await stage.addApp(organisationId);
  otherApp = await stage.addApp(organisationId);
  const made = ["owner", "admin", "channel_manager", "builder", "auditor"] as const;
  const entries = await Promise.all(
    made.map(async (role) => {
      const userId = await stage.addUser(`${role}@example.org`);
      await stage.grant(organisationId, userId, { role });
      return [role, userId] as const;
    }),
  );
  people = Object.fromEntries(entries) as typeof people;
  server = createTestServer({ trustedProxies: ["127.0.0.1/32"] });
  server.mount(
    buildApi({
      operations: [
        ...createTokenOperations(deps),
        probe("channels", "channel:read"),
        probe("conversations", "conversation:read"),
      ],
      ...{ database, keychain, pepper, publicOrigin: undefined, log: createMemoryLog() },
      recordAudit: (tx, entry) => ("userId" in tx ? Promise.resolve() : recordAudit(tx, entry)),
      authenticate: createAuthenticate({ database, pepper, clock }),
      forgeryLayers: { fetchMetadata: false, token: false },
    }),
  );
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.db.asAdmin("delete from letters");
});

interface Ask {
  readonly as?: UserId;
  readonly token?: string;
  readonly method?: "GET" | "POST";
  readonly body?: object;
  readonly app?: Tenant;
  readonly isSteppedUp?: boolean;
  readonly from?: string;
}

async function ask(path: string, options: Ask = {}) {
  const { as, token, body, isSteppedUp = true, from } = options;
  const session = as === undefined ? undefined : (await stage.signIn(as, isSteppedUp)).token;
  const answer = await server.inject({
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    url: `/api/v1/${path}`,
    headers: {
      ...(session !== undefined && { cookie: `__Host-parley=${session}`, "parley-app": (options.app ?? app).appId }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(from !== undefined && { "x-forwarded-for": from }),
    },
    ...(body !== undefined && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === "" ? {} : answer.json() };
}

async function make(as: UserId, body: object = {}, where: Tenant = app): Promise<{ token: string; tokenId: string }> {
  const wanted = { kind: "api", name: "Sample", scopes: ["channel:read"], ...body };
  const answer = await ask("tokens", { as, body: wanted, app: where });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

const lettersTo = async (): Promise<string[]> => {
  const rows = await stage.db.asAdmin<{ letter_id: string; content: Buffer }>("select letter_id, content from letters");
  const sealer = await stage.installation.sealer();
  return rows.map(({ letter_id, content }) => {
    const field = { table: "letters", column: "content", row: letter_id.replaceAll("-", "") };
    const { to, subject } = JSON.parse(sealer.open(field, content).toString("utf8"));
    return `${to}: ${subject}`;
  });
};

const entriesOf = (action: string, tokenId: string) =>
  stage.db.asAdmin<{ actor: string; in_app_id: string; remote_address: string }>(
    "select actor, in_app_id, remote_address from audit_entries where action = $1 and targets->>'tokenId' = $2",
    [action, tokenId],
  );

describe("making a token", () => {
  it("shows it once, tells its maker by letter and never lists it or its hash", async () => {
    const { token, tokenId } = await make(people.owner, { name: "Shop", networks: ["203.0.113.9/24"] });
    expect(token).toMatch(/^ply_api_/);
    const listed = await ask("tokens?first=100", { as: people.auditor });
    const text = JSON.stringify(listed.body);
    expect(text).toContain(tokenId);
    expect(text).not.toContain(token);
    const [row] = await stage.db.asAdmin<{ hash: Buffer }>("select hash from tokens where token_id = $1", [
      tokenId.slice(4),
    ]);
    expect(text).not.toContain(row?.hash.toString("hex"));
    expect(await ask(`tokens/${tokenId}`, { as: people.owner })).toMatchObject({
      body: { name: "Shop", shown: token.slice(0, 14), networks: ["203.0.113.0/24"], makerId: people.owner },
    });
    expect(await lettersTo()).toEqual(["owner@example.org: You created the token “Shop”"]);
    const [entry] = await stage.db.asAdmin("select 1 from audit_entries where action = 'token.created'");
    expect(entry).toBeDefined();
  });

  it("SECURITY: needs a second factor within ten minutes and a person", async () => {
    const body = { kind: "api", name: "x", scopes: ["channel:read"] };
    const noFactor = await ask("tokens", { as: people.owner, isSteppedUp: false, body });
    expect(noFactor).toMatchObject({ status: 403, body: { code: "api.step_up_required" } });
    const { token } = await make(people.owner, { scopes: ["token:admin"] });
    expect(await ask("tokens", { token, body })).toMatchObject({ status: 403, body: { code: "api.person_required" } });
  });

  it("SECURITY: gives nobody a scope they do not hold, by name or by bundle", async () => {
    const beyond = (as: UserId, scopes: string[]) => ask("tokens", { as, body: { kind: "api", name: "x", scopes } });
    for (const scopes of [["conversation:read"], ["channel:read", "token:admin"], ["organisation:delete"]]) {
      const answer = await beyond(people.channel_manager, scopes);
      expect(answer, scopes.join()).toMatchObject({ status: 403, body: { code: "tokens.beyond_maker" } });
    }
    expect(await beyond(people.builder, ["tree:read"])).toMatchObject({ status: 403, body: { code: "api.forbidden" } });
    const unknown = await beyond(people.owner, ["channel:fly"]);
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ path: "scopes[0]" }] } });
  });

  it("names every mistake at once: scopes of a bot, foreign channels, networks, days", async () => {
    await stage.db.asAdmin("update organisations set token_days_max = 30 where organisation_id = $1", [
      toUuid(organisationId),
    ]);
    const foreign = await stage.addChannel(otherApp);
    const body = {
      ...{ kind: "bot", name: "x", scopes: ["bot:admin", "tree:read"], channelIds: [foreign] },
      ...{ networks: ["nonsense"], days: 31 },
    };
    const answer = await ask("tokens", { as: people.owner, body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((mistake: { path: string }) => mistake.path)).toEqual([
      ...["scopes[1]", "networks[0]", "channelIds[0]", "days"],
    ]);
    const { tokenId } = await make(people.owner);
    const { expiresAt } = (await ask(`tokens/${tokenId}`, { as: people.owner })).body;
    expect(Date.parse(expiresAt) - clock.nowMs()).toBe(30 * dayMs);
    await stage.db.asAdmin("update organisations set token_days_max = 365");
  });

  it("SECURITY: keeps the token of somebody limited to some channels within these", async () => {
    const [own, other]: ChannelId[] = [await stage.addChannel(app), await stage.addChannel(app)];
    const limited = await stage.addUser("limited@example.org");
    const role = { roleId: await stage.addRole(organisationId, ["token:create", "channel:read"]) };
    await stage.grant(organisationId, limited, { role, appId: app.appId, channelIds: [own as ChannelId] });
    const wider = { kind: "api", name: "x", scopes: ["channel:read"], channelIds: [own, other] };
    const refused = await ask("tokens", { as: limited, body: wider });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "channelIds[1]" }] } });
    const { token } = await make(limited);
    expect(await ask("probe/channels", { token })).toMatchObject({ status: 200, body: { channelIds: [own] } });
    // Nor does it see what reaches beyond them.
    const sight = { roleId: await stage.addRole(organisationId, ["token:read"]) };
    await stage.grant(organisationId, limited, { role: sight, appId: app.appId, channelIds: [own as ChannelId] });
    const { items } = (await ask("tokens?first=100", { as: limited })).body;
    expect(items.map((item: { makerId: string }) => item.makerId)).toEqual([limited]);
  });
});

describe("a token", () => {
  it("SECURITY: demoting, limiting or removing its maker holds on its next call", async () => {
    const maker = await stage.addUser("demoted@example.org");
    await stage.grant(organisationId, maker, { role: "owner" });
    const { token } = await make(maker, { scopes: ["conversation:read", "channel:read"] });
    const statuses = async () => [
      (await ask("probe/conversations", { token })).status,
      (await ask("probe/channels", { token })).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    await stage.grant(organisationId, maker, { role: "channel_manager" });
    expect(await statuses()).toEqual([403, 200]);
    await stage.grant(organisationId, maker, { role: "inbox_agent" });
    expect(await statuses()).toEqual([200, 403]);
    await stage.db.asAdmin("update organisation_users set status = 'disabled' where user_id = $1", [toUuid(maker)]);
    expect(await statuses()).toEqual([401, 401]);
  });

  it("SECURITY: works from its networks only, also when IPv4 is written as IPv6", async () => {
    const { token } = await make(people.owner, { networks: ["203.0.113.0/24", "2001:db8::/32"] });
    const from = async (address: string) => (await ask("probe/channels", { token, from: address })).status;
    expect(await from("203.0.113.200")).toBe(200);
    expect(await from("::ffff:203.0.113.200")).toBe(200);
    expect(await from("2001:db8:5::1")).toBe(200);
    for (const address of ["203.0.114.1", "::ffff:203.0.114.1", "2001:db9::1"]) expect(await from(address)).toBe(401);
  });

  it("SECURITY: misspelt costs no query", async () => {
    const refuse = (): never => {
      throw new RangeError("the database was asked");
    };
    const database = { lookUp: refuse, withTenant: refuse } as unknown as Database;
    const options = { database, pepper: stage.pepper, clock, rightsOfMaker: refuse, expandScopes: refuse };
    const good = drawToken("api");
    const wrong = `${good.slice(0, -1)}${good.endsWith("x") ? "y" : "x"}`;
    const show = (token: string) =>
      authenticateToken(options, { authorization: `Bearer ${token}`, remoteAddress: "192.0.2.1" });
    await expect(show(wrong)).rejects.toMatchObject({ code: "tokens.refused" });
    await expect(show("ply_api_short")).rejects.toMatchObject({ code: "tokens.refused" });
    await expect(show(good)).rejects.toThrow("the database was asked");
  });

  it("has its first use in an hour recorded, once, however many come at the same moment", async () => {
    const { token, tokenId } = await make(people.owner);
    const use = () =>
      Promise.all(Array.from({ length: 20 }, () => ask("probe/channels", { token, from: "198.51.100.7" })));
    await use();
    await use();
    const entries = await entriesOf("token.used", tokenId);
    expect(entries).toEqual([
      { actor: `token:${tokenId}`, in_app_id: expect.any(String), remote_address: "198.51.100.7" },
    ]);
    await stage.db.asAdmin(
      `update tokens set use_noted_at = now() - interval '61 minutes', last_used_at = now() - interval '2 minutes'
       where token_id = $1`,
      [tokenId.slice(4)],
    );
    await use();
    expect(await entriesOf("token.used", tokenId)).toHaveLength(2);
    const view = (await ask(`tokens/${tokenId}`, { as: people.owner })).body;
    expect(view).toMatchObject({ lastUsedNetwork: "198.51.100.0/24", lastUsedAt: expect.any(String) });
  });
});

describe("rotating a token", () => {
  it("makes a successor with the same rights, and lets the former live for the overlap only", async () => {
    const former = await make(people.owner, { scopes: ["channel:read"], networks: ["0.0.0.0/0"], days: 20 });
    const rotate = `tokens/${former.tokenId}/rotate`;
    const rotated = await ask(rotate, { as: people.owner, body: { overlapHours: 2 } });
    expect(rotated.status).toBe(201);
    const { token, tokenId, formerUntil, expiresAt } = rotated.body;
    expect(Date.parse(formerUntil) - clock.nowMs()).toBe(2 * 3_600_000);
    expect(Date.parse(expiresAt) - clock.nowMs()).toBe(20 * dayMs);
    const statuses = async () => [
      (await ask("probe/channels", { token: former.token })).status,
      (await ask("probe/channels", { token })).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    const view = (await ask(`tokens/${tokenId}`, { as: people.owner })).body;
    expect(view).toMatchObject({ scopes: ["channel:read"], networks: ["0.0.0.0/0"] });
    const again = await ask(rotate, { as: people.owner, body: {} });
    expect(again).toMatchObject({ status: 409, body: { code: "tokens.ended" } });
    clock.advance(2 * 3_600_000 + 1);
    expect(await statuses()).toEqual([401, 200]);
  });

  it("ends the former at once with an overlap of 0", async () => {
    const former = await make(people.owner);
    await ask(`tokens/${former.tokenId}/rotate`, { as: people.owner, body: { overlapHours: 0 } });
    expect((await ask("probe/channels", { token: former.token })).status).toBe(401);
  });

  it("SECURITY: succeeds for one of 20 at the same moment", async () => {
    const former = await make(people.owner);
    const path = `tokens/${former.tokenId}/rotate`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(path, { as: people.owner, body: {} })));
    const made = answers.filter((answer) => answer.status === 201);
    expect(made).toHaveLength(1);
    const [{ count } = { count: "" }] = await stage.db.asAdmin<{ count: string }>(
      "select count(*) from tokens where token_id = (select replaced_by from tokens where token_id = $1)",
      [former.tokenId.slice(4)],
    );
    expect(count).toBe("1");
  });

  it("SECURITY: gives nobody a token that may do more than they", async () => {
    const former = await make(people.owner, { scopes: ["conversation:read"] });
    const role = { roleId: await stage.addRole(organisationId, ["token:admin", "channel:read"]) };
    const keeper = await stage.addUser("keeper@example.org");
    await stage.grant(organisationId, keeper, { role });
    const answer = await ask(`tokens/${former.tokenId}/rotate`, { as: keeper, body: {} });
    expect(answer).toMatchObject({ status: 403, body: { code: "tokens.beyond_maker" } });
  });
});

describe("revoking a token", () => {
  it("CVE-2025-64706: is for its maker and for whoever may revoke; others do not see it", async () => {
    const revoke = (tokenId: string, as: UserId, where = app) =>
      ask(`tokens/${tokenId}/revoke`, { as, method: "POST", app: where });
    const own = await make(people.channel_manager);
    const owners = await make(people.owner);
    expect((await ask(`tokens/${owners.tokenId}`, { as: people.channel_manager })).status).toBe(404);
    expect((await revoke(owners.tokenId, people.channel_manager)).status).toBe(404);
    expect((await revoke(owners.tokenId, people.auditor)).body.code).toBe("tokens.not_yours");
    expect((await revoke(owners.tokenId, people.owner, otherApp)).status).toBe(404);
    expect((await ask("probe/channels", { token: owners.token })).status).toBe(200);
    expect((await revoke(own.tokenId, people.channel_manager)).body.revokedAt).toEqual(expect.any(String));
    expect((await revoke(owners.tokenId, people.admin)).status).toBe(200);
    for (const { token } of [own, owners]) expect((await ask("probe/channels", { token })).status).toBe(401);
    expect(await entriesOf("token.revoked", own.tokenId)).toHaveLength(1);
  });
});

describe("a leaked token", () => {
  const report = (token: string, from?: string) =>
    ask("leaked-tokens/revoke", { body: { token }, ...(from && { from }) });

  it("SECURITY: is revoked, recorded and told to its maker alone; every text gets the same answer", async () => {
    const { token, tokenId } = await make(people.channel_manager, { name: "Leaky" });
    await stage.db.asAdmin("delete from letters");
    const answers = [
      await report(token),
      await report(token),
      await report(drawToken("api")),
      await report("nonsense"),
    ];
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ status: 202, body: {} })]),
    );
    expect((await ask("probe/channels", { token })).status).toBe(401);
    expect(await entriesOf("token.leaked_revoked", tokenId)).toMatchObject([{ actor: "anonymous" }]);
    expect(await lettersTo()).toEqual(["channel_manager@example.org: The token “Leaky” leaked and was revoked"]);
  });

  it("is revoked once by 20 reports at the same moment", async () => {
    const { token, tokenId } = await make(people.owner);
    await stage.db.asAdmin("delete from letters");
    await Promise.all(Array.from({ length: 20 }, () => report(token)));
    expect(await entriesOf("token.leaked_revoked", tokenId)).toHaveLength(1);
    expect(await lettersTo()).toHaveLength(1);
  });

  it("SECURITY: reports are limited by network", async () => {
    let [sent, status] = [0, 0];
    while (status !== 429 && sent < 400) {
      status = (await report("nonsense", "198.51.100.99")).status;
      sent += 1;
    }
    expect([status, sent]).toEqual([429, 301]);
    expect((await report("nonsense", "203.0.113.4")).status).toBe(202);
  });
});

describe("a token that ends soon", () => {
  it("has its maker warned once, seven days before", async () => {
    const soon = await make(people.admin, { name: "Soon", days: 30 });
    const warn = () => stage.db.database.withTenant(system, app, (tx) => warnExpiring(deps, tx));
    await stage.db.asAdmin("update tokens set warned_at = now() where token_id <> $1", [soon.tokenId.slice(4)]);
    clock.advance(22 * dayMs);
    expect(await warn()).toBe(0);
    await make(people.admin, { name: "Short", days: 5 });
    await stage.db.asAdmin("delete from letters");
    clock.advance(dayMs);
    const counts = await Promise.all([warn(), warn(), warn()]);
    expect(counts.toSorted()).toEqual([0, 0, 1]);
    expect(await warn()).toBe(0);
    expect(await lettersTo()).toEqual(["admin@example.org: The token “Soon” expires in 7 days"]);
  });
});
