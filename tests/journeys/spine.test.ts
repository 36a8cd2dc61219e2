// The product from outside, over real HTTP: a signed message in, the bot's reply out, the webhook told; and everything that
// must not get in.

import { createHmac } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { makeDataDir } from "../support/data-dir.ts";
import { countStored, queryStored } from "../support/database.ts";
import { type Receiver, startReceiver } from "../support/platform.ts";
import { type Demo, type DemoApp, findPort, type RunningServer, runCommand, startServer } from "../support/server.ts";
import { postText, sign, toBody } from "../support/whatsapp.ts";

const samples = join(import.meta.dirname, "../../server/src/domains/channels/adapters/whatsapp/samples");

let dataDir: string;
let platform: Receiver;
let hook: Receiver;
let server: RunningServer;
let settings: Record<string, string>;
let demo: Demo;
let app: DemoApp;

beforeAll(async () => {
  dataDir = await makeDataDir();
  [platform, hook] = await Promise.all([startReceiver(), startReceiver()]);
  settings = {
    PARLEY_DATA_DIR: dataDir,
    PARLEY_PORT: String(await findPort()),
    PARLEY_LOG_LEVEL: "warn",
    PARLEY_WHATSAPP_API_URL: platform.url,
    PARLEY_OUTBOUND_ALLOW: `${platform.host},${hook.host}`,
  };
  server = await startServer(settings);
  const seeded = await runCommand(["demo", "seed", "--json", "--webhook-url", `${hook.url}/hook`], settings);
  demo = JSON.parse(seeded.stdout);
  app = demo.apps[0] as DemoApp;
}, 60_000);

afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await Promise.all([platform.close(), hook.close()]);
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

function sentTo(member: string): { body: Record<string, unknown>; atMs: number }[] {
  const calls = platform.calls.map((call) => ({
    body: JSON.parse(call.body) as Record<string, unknown>,
    atMs: call.atMs,
  }));
  return calls.filter((call) => call.body.to === member);
}

async function post(body: string | Buffer, headers: Record<string, string>): Promise<Response> {
  const all = { "content-type": "application/json", ...headers };
  return fetch(app.channels.whatsapp.inboundUrl, {
    method: "POST",
    headers: all,
    body: new Uint8Array(Buffer.from(body)),
  });
}

function signed(body: string): Record<string, string> {
  return { "x-hub-signature-256": sign(body, app.channels.whatsapp.appSecret) };
}

async function callApi(path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) {
  const headers = { authorization: `Bearer ${app.botToken}`, "content-type": "application/json", ...init.headers };
  const body = init.body === undefined ? {} : { body: JSON.stringify(init.body) };
  const response = await fetch(`${server.url}${path}`, { method: init.method ?? "GET", headers, ...body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}

describe("the demo", () => {
  it("prints all a client needs, in the promised shape", () => {
    expect(demo.baseUrl).toBe(server.url);
    expect(demo.apps.length).toBe(2);
    for (const one of demo.apps) {
      expect(one.appId).toMatch(/^app_[0-9a-f]{32}$/);
      expect(one.botToken).toMatch(/^ply_bot_[0-9A-Za-z]{36}$/);
      expect(Object.keys(one.channels.whatsapp).toSorted()).toEqual(
        ["appSecret", "channelId", "channelSecret", "inboundUrl", "phoneNumberId", "verifyToken"].toSorted(),
      );
      expect(one.tree).toMatchObject({ headNode: "start", nodes: { order: "order", menu: "menu", agent: "agent" } });
      expect(one.webhook?.secret).toMatch(/^whsec_/);
    }
  });
});

describe("a signed WhatsApp text", () => {
  it("is answered at the platform within a second, and the webhook is told with both signatures", async () => {
    const startMs = performance.now();
    expect(await postText(app, { id: "wamid.first", from: "4915200000001", text: "order 42" })).toBe(200);
    await vi.waitFor(() => expect(sentTo("4915200000001").length).toBe(1), { timeout: 5_000, interval: 5 });
    const [reply] = sentTo("4915200000001");
    expect((reply?.atMs ?? Infinity) - startMs).toBeLessThan(1_000);
    expect(reply?.body).toMatchObject({
      messaging_product: "whatsapp",
      type: "text",
      text: { body: "Order 42 received" },
    });
    const told = (): typeof hook.calls => hook.calls.filter((call) => call.body.includes("4915200000001"));
    await vi.waitFor(() => expect(told().length).toBe(2), 5_000);
    for (const call of told()) {
      const headers = call.headers as Record<string, string>;
      expect(() => new Webhook(app.webhook?.secret ?? "").verify(call.body, headers)).not.toThrow();
      const { channelSecret } = app.channels.whatsapp;
      expect(headers["x-woztell-signature"]).toBe(
        createHmac("sha256", channelSecret).update(call.body).digest("base64"),
      );
    }
    const [inbound, outbound] = told()
      .map((call) => JSON.parse(call.body))
      .toSorted((a, b) => (a.eventType < b.eventType ? -1 : 1));
    expect(inbound).toMatchObject({
      eventType: "INBOUND",
      type: "TEXT",
      from: "4915200000001",
      data: { text: "order 42" },
      app: app.appId,
    });
    expect(outbound).toMatchObject({
      eventType: "OUTBOUND",
      type: "BOT",
      messageEvent: { type: "TEXT", data: { text: "Order 42 received" } },
    });
  });

  it("records the platform's statuses, in whatever order they come", async () => {
    const member = "4915200000002";
    await postText(app, { id: "wamid.status", from: member, text: "order 1" });
    await vi.waitFor(() => expect(sentTo(member).length).toBe(1), 5_000);
    const index = platform.calls.findIndex((call) => call.body.includes(member));
    const id = `wamid.mock${index + 1}`;
    for (const status of ["read", "delivered", "sent"]) {
      const value = {
        messaging_product: "whatsapp",
        metadata: { display_phone_number: "1", phone_number_id: app.channels.whatsapp.phoneNumberId },
        statuses: [{ id, status, timestamp: "1700000100", recipient_id: member }],
      };
      const body = JSON.stringify({
        object: "whatsapp_business_account",
        entry: [{ id: "1", changes: [{ field: "messages", value }] }],
      });
      expect((await post(body, signed(body))).status).toBe(200);
    }
    await vi.waitFor(async () => {
      const rows = await queryStored(
        dataDir,
        "select status from receipts where status = 'read' and delivered_at is not null and sent_at is not null",
      );
      expect(rows.length).toBe(1);
    }, 10_000);
  });

  it("answers the ownership check with the verify token only", async () => {
    const { inboundUrl, verifyToken } = app.channels.whatsapp;
    const ask = (token: string): Promise<Response> =>
      fetch(`${inboundUrl}?hub.mode=subscribe&hub.challenge=11587&hub.verify_token=${token}`);
    const right = await ask(verifyToken);
    expect([right.status, await right.text()]).toEqual([200, "11587"]);
    expect((await ask("wrong")).status).toBe(403);
  });

  it.each(readdirSync(samples))("accepts the platform's %s and handles it", async (file) => {
    const own = readFileSync(join(samples, file), "utf8").replaceAll(/"phone_number_id": "[^"]+"/g, (found) =>
      file === "foreign-number.json" ? found : `"phone_number_id": "${app.channels.whatsapp.phoneNumberId}"`,
    );
    const response = await post(own, signed(own));
    expect(response.status).toBe(200);
    const { events } = (await response.json()) as { events: { eventId: string; repeated: boolean }[] };
    expect(events.length).toBeGreaterThan(0);
    const uuids = events.filter((event) => !event.repeated).map((event) => event.eventId.slice(4));
    await vi.waitFor(async () => {
      const waiting = await queryStored(
        dataDir,
        "select 1 from inbound_events where event_id = any($1::uuid[]) and attempts = 0",
        [uuids],
      );
      expect(waiting).toEqual([]);
      const failed = await queryStored(
        dataDir,
        "select 1 from traces where trace_id = any($1::uuid[]) and outcome = 'failed'",
        [uuids],
      );
      expect(failed).toEqual([]);
    }, 10_000);
  });
});

describe("what must not get in", () => {
  const hostile = (): [string, string, Record<string, string>][] => {
    const body = toBody(app, { id: "wamid.hostile", from: "666000000000", text: "order 666" });
    const other = demo.apps[1] as DemoApp;
    return [
      ["unsigned", body, {}],
      ["an empty signature", body, { "x-hub-signature-256": "" }],
      [
        "signed with another app's secret",
        body,
        { "x-hub-signature-256": sign(body, other.channels.whatsapp.appSecret) },
      ],
      ["altered after signing", body.replace("666000000000", "667000000000"), signed(body)],
      ["signed with SHA-1's header", body, { "x-hub-signature": signed(body)["x-hub-signature-256"] ?? "" }],
      [
        "with the signature cut",
        body,
        { "x-hub-signature-256": (signed(body)["x-hub-signature-256"] ?? "").slice(0, -1) },
      ],
    ];
  };

  it("SECURITY CVE-2026-39969: an unsigned or wrongly signed request is 401 with nothing said, nothing stored, nothing sent", async () => {
    const before = await Promise.all(
      ["messages", "replay_keys", "members", "inbound_events"].map((table) => countStored(dataDir, table)),
    );
    const sent = platform.calls.length;
    for (const [what, body, headers] of hostile()) {
      const response = await post(body, headers);
      expect(response.status, what).toBe(401);
      const problem = (await response.json()) as Record<string, unknown>;
      expect(problem, what).toMatchObject({ status: 401, code: "channels.refused", detail: "Unauthorized." });
      expect(problem.errors ?? []).toEqual([]);
    }
    const after = await Promise.all(
      ["messages", "replay_keys", "members", "inbound_events"].map((table) => countStored(dataDir, table)),
    );
    expect(after).toEqual(before);
    expect(platform.calls.length).toBe(sent);
  });

  it("SECURITY: an unknown channel answers exactly as a wrong signature does", async () => {
    const unknown = app.channels.whatsapp.inboundUrl.replace(/chn_.{32}/, `chn_${"0".repeat(32)}`);
    const [first, second] = await Promise.all([
      fetch(unknown, { method: "POST", body: "{}" }),
      fetch(app.channels.whatsapp.inboundUrl, { method: "POST", body: "{}" }),
    ]);
    const strip = async (response: Response): Promise<unknown> => ({
      ...((await response.json()) as object),
      requestId: "",
    });
    expect(first.status).toBe(second.status);
    expect(await strip(first)).toEqual(await strip(second));
  });

  it("a message sent again changes nothing", async () => {
    const text = { id: "wamid.again", from: "4915200000003", text: "order 3" };
    for (let time = 0; time < 5; time += 1) expect(await postText(app, text)).toBe(200);
    await vi.waitFor(() => expect(sentTo("4915200000003").length).toBe(1), 5_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sentTo("4915200000003").length).toBe(1);
  });

  const shapes: [string, string, number][] = [
    ["not JSON", "{", 400],
    ["a list", "[]", 400],
    [
      "mis-typed",
      '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"from":5}]}}]}]}',
      400,
    ],
    ["with __proto__", '{"object":"whatsapp_business_account","entry":[],"__proto__":{"polluted":true}}', 400],
    ["deeply nested", `{"a":${"[".repeat(2000)}${"]".repeat(2000)}}`, 400],
    ["oversized", JSON.stringify({ object: "x".repeat(3 * 1024 * 1024) }), 413],
  ];
  it.each(shapes)(
    "an authentic body that is %s is refused with what is wrong, and stores nothing",
    async (_what, body, status) => {
      const before = await countStored(dataDir, "replay_keys");
      const response = await post(body, signed(body));
      expect(response.status).toBe(status);
      const problem = (await response.json()) as { detail: string; errors?: unknown[] };
      expect(problem.detail.length).toBeGreaterThan(10);
      if (status === 400) expect(problem.errors?.length).toBeGreaterThan(0);
      expect(await countStored(dataDir, "replay_keys")).toBe(before);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );
});

describe("the Bot API", () => {
  it("sends to one member and says what the platform answered; with one key only once", async () => {
    const { channelId } = app.channels.whatsapp;
    const body = {
      channelId,
      recipientId: "4915200000009",
      response: [
        { type: "TEXT", text: "Hello" },
        { type: "IMAGE", url: "https://example.com/a.png" },
      ],
    };
    const headers = { "idempotency-key": "send-1" };
    const first = await callApi("/bot/v1/sendResponses", { method: "POST", body, headers });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ ok: 1, sendResults: [{ status: "sent" }, { status: "sent" }] });
    expect(first.body.sendResults[0].result[0].result).toMatchObject({
      recipient_id: "4915200000009",
      message_id: expect.stringContaining("wamid.mock"),
    });
    const again = await callApi("/bot/v1/sendResponses", { method: "POST", body, headers });
    expect([again.status, again.headers.get("idempotent-replayed"), again.body]).toEqual([200, "true", first.body]);
    expect(sentTo("4915200000009").length).toBe(2);
  });

  it("jumps a member to a node", async () => {
    const { channelId } = app.channels.whatsapp;
    const redirect = { tree: app.tree.treeId, nodeCompositeId: "menu" };
    const jumped = await callApi("/bot/v1/redirectMemberToNode", {
      method: "POST",
      body: { channelId, recipientId: "4915200000009", redirect },
    });
    expect([jumped.status, jumped.body.ok, jumped.body.outcome]).toEqual([200, 1, "answered"]);
    const missing = await callApi("/bot/v1/redirectMemberToNode", {
      method: "POST",
      body: { channelId, recipientId: "4915200000009", redirect: { ...redirect, nodeCompositeId: "nowhere" } },
    });
    expect([missing.status, missing.body.ok, missing.body.code]).toEqual([404, 0, "bots.node_not_found"]);
  });

  it("SECURITY: a token of one app does not see another app's channel, member or tree", async () => {
    const other = demo.apps[1] as DemoApp;
    const random = `chn_${"a".repeat(32)}`;
    const ask = (channelId: string) =>
      callApi("/bot/v1/sendResponses", {
        method: "POST",
        body: { channelId, recipientId: "1", response: [{ type: "TEXT", text: "x" }] },
      });
    const [foreign, unknown] = await Promise.all([ask(other.channels.whatsapp.channelId), ask(random)]);
    expect([foreign.status, foreign.body.code]).toEqual([404, "conversations.channel_not_found"]);
    expect({ ...foreign.body, requestId: "" }).toEqual({ ...unknown.body, requestId: "" });
  });

  it("refuses without a token, with a bad one, with one in the address, and for a right it does not have", async () => {
    const path = "/bot/v1/sendResponses";
    const bare = await fetch(`${server.url}${path}`, { method: "POST" });
    expect(bare.status).toBe(401);
    const bad = await callApi(path, {
      method: "POST",
      headers: { authorization: `Bearer ${app.botToken.slice(0, -1)}x` },
      body: {},
    });
    expect(bad.status).toBe(401);
    const inAddress = await callApi(`${path}?accessToken=${app.botToken}`, { method: "POST", body: {} });
    expect([inAddress.status, inAddress.body.code]).toEqual([400, "api.token_in_address"]);
    const forbidden = await callApi("/api/v1/channels");
    expect([forbidden.status, forbidden.body.code]).toEqual([403, "api.forbidden"]);
  });

  it("names every mistake of a request", async () => {
    const body = {
      channelId: "chn_1",
      recipientId: "",
      response: [{ type: "TEXT" }, { type: "IMAGE", url: "http://a" }],
      extra: 1,
    };
    const refused = await callApi("/bot/v1/sendResponses", { method: "POST", body });
    expect(refused.status).toBe(400);
    const paths = refused.body.errors.map((error: { path: string }) => error.path);
    expect(paths).toEqual(
      expect.arrayContaining(["channelId", "recipientId", "response[0].text", "response[1].url", "extra"]),
    );
  });
});

describe("the operator's commands", () => {
  const tenant = (): string[] => ["--organisation", demo.organisationId, "--app", app.appId];

  it("a revoked token is refused on its next call; issue, first use and revocation are audited", async () => {
    const issued = await runCommand(["token", "--json", ...tenant(), "--scopes", "channel:read"], settings);
    const { token, tokenId } = JSON.parse(issued.stdout) as { token: string; tokenId: string };
    const headers = { authorization: `Bearer ${token}` };
    expect((await callApi("/api/v1/channels", { headers })).status).toBe(200);
    await runCommand(["revoke-token", ...tenant(), "--token-id", tokenId], settings);
    expect((await callApi("/api/v1/channels", { headers })).status).toBe(401);
    const entries = await queryStored(
      dataDir,
      "select action from audit_entries where targets ->> 'tokenId' = $1 order by at",
      [tokenId],
    );
    expect(entries).toEqual([{ action: "token.issued" }, { action: "token.used" }, { action: "token.revoked" }]);
  });

  it("during a rotation of the webhook secret a receiver may verify with either", async () => {
    const endpointId = app.webhook?.endpointId ?? "";
    const rotated = await runCommand(
      ["rotate-webhook-secret", "--json", ...tenant(), "--endpoint", endpointId],
      settings,
    );
    const { secret } = JSON.parse(rotated.stdout) as { secret: string };
    await postText(app, { id: "wamid.rotated", from: "4915200000077", text: "order 77" });
    const told = (): typeof hook.calls => hook.calls.filter((call) => call.body.includes("4915200000077"));
    await vi.waitFor(() => expect(told().length).toBeGreaterThan(0), 5_000);
    const [call] = told();
    for (const one of [secret, app.webhook?.secret ?? ""]) {
      expect(() => new Webhook(one).verify(call?.body ?? "", call?.headers as Record<string, string>)).not.toThrow();
    }
  });

  it.each([
    [["token", "--scopes", "tree:admn "], "resource:verb"],
    [["token"], "--scopes is required"],
    [["revoke-token", "--token-id", "x"], "not a token's id"],
    [["nonsense"], "There is no command nonsense"],
    [["serve", "--prot"], "--prot"],
  ])("used wrongly, %j ends with 2 and says how", async (args, sentence) => {
    const needsTenant = ["token", "revoke-token"].includes(args[0] ?? "");
    const result = await runCommand([...args, ...(needsTenant ? tenant() : [])], settings);
    expect([result.code, result.stderr.includes(sentence)]).toEqual([2, true]);
  });
});

describe("trees", () => {
  it("a tree that does not validate is refused with the path of every mistake; a good one is live at once", async () => {
    const issued = await runCommand(
      [
        "token",
        "--json",
        "--organisation",
        demo.organisationId,
        "--app",
        app.appId,
        "--scopes",
        "tree:admin,channel:admin",
      ],
      settings,
    );
    const headers = { authorization: `Bearer ${JSON.parse(issued.stdout).token}` };
    const node = {
      compositeId: "hello",
      name: "Hello",
      kind: "general",
      responses: [{ type: "text", text: "Live now" }],
    };
    const good = {
      schema: "parley.tree/1",
      name: "Second bot",
      headNode: "hello",
      fallbackNode: "hello",
      nodes: [node],
    };
    const bad = {
      ...good,
      headNode: "absent",
      nodes: [node, { ...node, responses: [{ type: "text", text: "{{ broken" }] }],
    };
    const refused = await callApi("/api/v1/trees", { method: "POST", headers, body: { definition: bad } });
    expect([refused.status, refused.body.code]).toEqual([422, "bots.invalid_tree"]);
    expect(refused.body.errors.length).toBeGreaterThanOrEqual(3);
    const imported = await callApi("/api/v1/trees", { method: "POST", headers, body: { definition: good } });
    expect(imported.status).toBe(201);
    const { treeId } = imported.body;
    expect((await callApi(`/api/v1/trees/${treeId}/publish`, { method: "POST", headers, body: {} })).status).toBe(201);
    const { channelId } = app.channels.whatsapp;
    const pointed = await callApi(`/api/v1/channels/${channelId}`, {
      method: "PATCH",
      headers,
      body: { defaultTreeIds: [treeId] },
    });
    expect(pointed.status).toBe(200);
    await postText(app, { id: "wamid.live", from: "4915200000010", text: "hi" });
    await vi.waitFor(
      () => expect(sentTo("4915200000010")[0]?.body).toMatchObject({ text: { body: "Live now" } }),
      5_000,
    );
    await callApi(`/api/v1/channels/${channelId}`, {
      method: "PATCH",
      headers,
      body: { defaultTreeIds: [app.tree.treeId] },
    });
  });
});
