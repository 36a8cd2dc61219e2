import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { fromUuid, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { createOutboundClient, type OutboundResponse } from "../../platform/outbound/index.ts";
import type { ConversationEvent } from "../conversations/index.ts";
import type { SceneApp } from "../conversations/testing/scene.ts";
import { signWithChannelSecret } from "./sign.ts";
import { createStage, operator, type Received, type Receiver, type Stage } from "./testing/stage.ts";
import type { Webhooks } from "./webhooks.ts";

let stage: Stage;
let webhooks: Webhooks;
beforeAll(async () => {
  stage = await createStage();
  webhooks = await stage.startWebhooks();
});
afterAll(() => stage.close());

const patience = { timeout: 10_000 };
const marker = "planted-marker-7f3a";

function toEvent(app: SceneApp, text = "Hello"): ConversationEvent {
  const ids = { channelId: app.channelId, memberId: newId("member"), conversationId: newId("conversation") };
  const message = {
    kind: "message",
    platformMessageId: "p-1",
    externalId: "ann",
    sentAtMs: 1,
    type: "text",
    text,
  } as const;
  const rest = { channelSettings: {}, atMs: 1_700_000_000_000, correlationId: "c-1", profile: { fields: {} } };
  return { kind: "inbound", eventId: newId("event"), ...ids, ...rest, message };
}

async function publish(app: SceneApp, to: Webhooks = webhooks, events = [toEvent(app)]): Promise<void> {
  const { keychain, db } = stage.scene;
  const sealer = await keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
  await db.database.withTenant(operator, app.tenant, (tx) => to.publish(tx, events, sealer));
}

function verify(received: Received, secret: string): void {
  new Webhook(secret).verify(received.body, received.headers as Record<string, string>);
}

interface Scenario {
  readonly app: SceneApp;
  readonly receiver: Receiver;
  readonly endpointId: `whe_${string}`;
  readonly secret: string;
}

async function begin(input: Parameters<Stage["addEndpoint"]>[2] = {}): Promise<Scenario> {
  const app = await stage.scene.addApp();
  const receiver = await stage.startReceiver();
  const { endpointId, secret } = await stage.addEndpoint(app, receiver.url, input);
  return { app, receiver, endpointId, secret };
}

async function waitForState(endpointId: `whe_${string}`, states: readonly string[]): Promise<void> {
  const read = async (): Promise<string[]> => (await stage.listRows(endpointId)).map((row) => row.state);
  await vi.waitFor(async () => expect(await read()).toEqual(states), patience);
}

/** Waits until a failed attempt was recorded and the delivery given back. */
async function waitForRelease(endpointId: `whe_${string}`, attempts: number): Promise<number> {
  let waits = 0;
  await vi.waitFor(async () => {
    const [row] = await stage.listRows(endpointId);
    expect(row).toMatchObject({ state: "pending", attempts, lease_owner: null });
    waits = row?.waits_seconds ?? 0;
  }, patience);
  return waits;
}

describe("delivering", () => {
  it("tells an endpoint what came in and what went out, signed, once it is committed", async () => {
    const { app, receiver, endpointId, secret } = await begin({ headers: { "X-Team": "blue" } });
    const pipeline = await stage.scene.startPipeline({ publish: webhooks.publish });
    const message = {
      kind: "message",
      platformMessageId: "in-1",
      externalId: "ann",
      sentAtMs: 5,
      type: "text",
      text: "order 42",
    } as const;
    await pipeline.accept({ tenant: app.tenant, channelId: app.channelId, events: [message], correlationId: "c-9" });
    await waitForState(endpointId, ["delivered", "delivered"]);
    const bodies = receiver.received
      .map((one) => JSON.parse(one.body))
      .sort((a, b) => (a.eventType < b.eventType ? -1 : 1));
    expect(bodies).toMatchObject([
      {
        eventType: "INBOUND",
        type: "TEXT",
        from: "ann",
        timestamp: 5,
        data: { text: "order 42" },
        app: app.tenant.appId,
      },
      { eventType: "OUTBOUND", type: "BOT", messageEvent: { to: "ann", data: { text: "Order 42 received" } } },
    ]);
    const channel = await stage.scene.directory.find(app.channelId);
    for (const received of receiver.received) {
      verify(received, secret);
      const expected = signWithChannelSecret(channel?.channelSecret ?? "", Buffer.from(received.body));
      expect(received.headers).toMatchObject({ ...expected, "x-team": "blue", "user-agent": "Parley-Webhooks/1" });
      expect(received.headers["content-type"]).toBe("application/json");
    }
    const ids = (await stage.listRows(endpointId)).map((row) => fromUuid("delivery", row.delivery_id));
    expect(receiver.received.map((one) => one.headers["webhook-id"]).sort()).toEqual(ids.sort());
  });

  it("sends an event to the endpoints of its channel that subscribe to it, and to no other", async () => {
    const { app, receiver } = await begin({ events: ["outbound"] });
    const other = await stage.scene.addApp();
    const { endpointId } = await stage.addEndpoint(app, `${receiver.url}/wanted`, { events: ["inbound"] });
    await stage.addEndpoint(other, `${receiver.url}/other-app`);
    await publish(app);
    await waitForState(endpointId, ["delivered"]);
    expect(receiver.received.map((one) => one.path)).toEqual(["/hook/wanted"]);
  });

  it("delivers nothing of a transaction that was rolled back", async () => {
    const { app, receiver, endpointId } = await begin();
    const { keychain, db } = stage.scene;
    const sealer = await keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
    const failing = db.database.withTenant(operator, app.tenant, async (tx) => {
      await webhooks.publish(tx, [toEvent(app, "rolled back")], sealer);
      throw new TypeError("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    await publish(app, webhooks, [toEvent(app, "kept")]);
    await waitForState(endpointId, ["delivered"]);
    expect(receiver.received.map((one) => JSON.parse(one.body).data.text)).toEqual(["kept"]);
  });

  it("leaves an endpoint's row alone while everything goes well, one delivery at a time and many", async () => {
    const { app, endpointId } = await begin();
    const readVersion = (): Promise<unknown[]> =>
      stage.scene.db.asAdmin("select xmin::text from webhook_endpoints where endpoint_id = $1", [toUuid(endpointId)]);
    const before = await readVersion();
    await publish(app);
    await waitForState(endpointId, ["delivered"]);
    await publish(app, webhooks, [toEvent(app), toEvent(app), toEvent(app)]);
    await waitForState(
      endpointId,
      Array.from({ length: 4 }, () => "delivered"),
    );
    expect(await readVersion()).toEqual(before);
  });

  it("delivers each event once when there are more than an endpoint's backlog holds", async () => {
    const { app, receiver, endpointId } = await begin();
    for (let round = 0; round < 6; round += 1) {
      await publish(
        app,
        webhooks,
        Array.from({ length: 250 }, () => toEvent(app)),
      );
    }
    const left = (): Promise<unknown[]> =>
      stage.scene.db.asAdmin("select 1 from webhook_deliveries where endpoint_id = $1 and state <> 'delivered'", [
        toUuid(endpointId),
      ]);
    // Some never had a lease before their turn came.
    expect((await left()).length).toBeGreaterThan(500);
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 25_000 });
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect([ids.length, new Set(ids).size]).toEqual([1_500, 1_500]);
  });

  it("costs no statement for an app without endpoints, once that is known", async () => {
    const app = await stage.scene.addApp();
    await publish(app);
    const query = vi.fn<TenantTx["query"]>();
    const tx = { tenant: app.tenant, actor: operator, query, afterCommit: query } as unknown as TenantTx;
    const sealer = await stage.scene.keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
    await webhooks.publish(tx, [toEvent(app)], sealer);
    expect(query).not.toHaveBeenCalled();
    const receiver = await stage.startReceiver();
    const { endpointId } = await stage.addEndpoint(app, receiver.url);
    webhooks.forget(app.tenant.appId);
    await publish(app);
    await waitForState(endpointId, ["delivered"]);
  });

  it("leaves no address, header, secret, body or answer readable in the database", async () => {
    const { app, receiver, endpointId, secret } = await begin({ headers: { authorization: marker }, asymmetric: true });
    await stage.run(app.tenant, "webhookEndpoints.update", { endpointId, url: `${receiver.url}/${marker}` });
    webhooks.forget(app.tenant.appId);
    receiver.answer = (_request, response) => response.end(marker);
    await publish(app, webhooks, [toEvent(app, marker)]);
    await waitForState(endpointId, ["delivered"]);
    const dump = await stage.scene.db.asAdmin<{ text: string }>(
      `select (select string_agg(e::text, '') from webhook_endpoints e) || (select string_agg(d::text, '')
       from webhook_deliveries d) || (select string_agg(a::text, '') from webhook_attempts a) as text`,
    );
    const text = `${dump[0]?.text}`;
    expect(text.length).toBeGreaterThan(1_000);
    for (const planted of [marker, secret, receiver.url]) {
      expect(text).not.toContain(planted);
      expect(text).not.toContain(Buffer.from(planted).toString("hex"));
    }
    expect(receiver.received[0]?.headers.authorization).toBe(marker);
    expect(receiver.received[0]?.headers["webhook-signature"]).toMatch(/^v1,\S+ v1a,\S+$/);
  });
});

describe("failures", () => {
  it("tries again after 5 s and 5 min with the same id and body, and records every attempt", async () => {
    const { app, receiver, endpointId } = await begin();
    let failures = 2;
    receiver.answer = (_request, response) => {
      response.statusCode = failures-- > 0 ? 500 : 200;
      response.end("as you like");
    };
    await publish(app);
    const first = await waitForRelease(endpointId, 1);
    expect(first).toBeGreaterThan(2);
    expect(first).toBeLessThan(5.6);
    await stage.skipTime();
    const second = await waitForRelease(endpointId, 2);
    expect(second).toBeGreaterThan(265);
    expect(second).toBeLessThan(331);
    await stage.skipTime();
    await waitForState(endpointId, ["delivered"]);
    expect(new Set(receiver.received.map((one) => [one.headers["webhook-id"], one.body].join(" "))).size).toBe(1);
    const deliveryId = receiver.received[0]?.headers["webhook-id"];
    expect(await stage.run(app.tenant, "deliveries.get", { deliveryId })).toMatchObject({
      attempts: 3,
      attemptLog: [{ statusCode: 200, response: "as you like" }, { statusCode: 500 }, { statusCode: 500 }],
      body: { eventType: "INBOUND" },
    });
  });

  it("gives up after ten attempts, and replays what failed with the same id", async () => {
    const { app, receiver, endpointId } = await begin();
    receiver.answer = (_request, response) => response.writeHead(500).end();
    await publish(app);
    await waitForRelease(endpointId, 1);
    await stage.scene.db.asAdmin("update webhook_deliveries set attempts = 9 where endpoint_id = $1", [
      endpointId.slice(4),
    ]);
    await stage.skipTime();
    await waitForState(endpointId, ["failed"]);
    receiver.answer = (_request, response) => response.end();
    const since = "2020-01-01T00:00:00Z";
    expect(await stage.run(app.tenant, "webhookEndpoints.replayFailed", { endpointId, since })).toEqual({
      replayed: 1,
      hasMore: false,
    });
    await waitForState(endpointId, ["delivered"]);
    const deliveryId = receiver.received[0]?.headers["webhook-id"];
    await stage.run(app.tenant, "deliveries.replay", { deliveryId });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(4), patience);
    expect(new Set(receiver.received.map((one) => one.headers["webhook-id"]))).toEqual(new Set([deliveryId]));
  });

  it("a redirect is a failure and is not followed", async () => {
    const { app, receiver, endpointId } = await begin();
    receiver.answer = (_request, response) => response.writeHead(307, { location: `${receiver.url}/inside` }).end();
    await publish(app);
    await waitForRelease(endpointId, 1);
    expect(receiver.received.map((one) => one.path)).toEqual(["/hook"]);
  });

  it("waits as long as Retry-After asks", async () => {
    const { app, receiver, endpointId } = await begin();
    receiver.answer = (_request, response) => response.writeHead(429, { "retry-after": "120" }).end();
    await publish(app);
    const waits = await waitForRelease(endpointId, 1);
    expect(waits).toBeGreaterThan(115);
    expect(waits).toBeLessThanOrEqual(120);
    await publish(app);
    await vi.waitFor(async () => {
      const rows = await stage.listRows(endpointId);
      expect(rows[1]).toMatchObject({ attempts: 0, lease_owner: null });
      expect(rows[1]?.waits_seconds).toBeGreaterThan(100);
    }, patience);
    expect(receiver.received).toHaveLength(1);
  });

  it("410 switches the endpoint off, with the reason, until its owner switches it on", async () => {
    const { app, receiver, endpointId } = await begin();
    receiver.answer = (_request, response) => response.writeHead(410).end();
    await publish(app);
    await waitForState(endpointId, ["failed"]);
    const disabledReason = "The endpoint answered 410 Gone.";
    expect(await stage.run(app.tenant, "webhookEndpoints.get", { endpointId })).toMatchObject({
      enabled: false,
      disabledReason,
    });
    await publish(app);
    const [row] = await stage.listRows(endpointId);
    const deliveryId = fromUuid("delivery", row?.delivery_id ?? "");
    await expect(stage.run(app.tenant, "deliveries.replay", { deliveryId })).rejects.toMatchObject({ status: 409 });
    receiver.answer = (_request, response) => response.end();
    const view = await stage.run(app.tenant, "webhookEndpoints.update", { endpointId, enabled: true });
    expect(view).not.toHaveProperty("disabledReason");
    webhooks.forget(app.tenant.appId);
    await publish(app);
    await waitForState(endpointId, ["failed", "delivered"]);
    expect(receiver.received).toHaveLength(2);
  });

  it("an endpoint that did nothing but fail for five days is switched off; a success starts the clock anew", async () => {
    const { app, receiver, endpointId } = await begin();
    const age = (days: number): Promise<unknown> =>
      stage.scene.db.asAdmin(
        "update webhook_endpoints set failing_since = now() - make_interval(days => $2) where endpoint_id = $1",
        [endpointId.slice(4), days],
      );
    await age(6);
    await publish(app);
    await waitForState(endpointId, ["delivered"]);
    expect(await stage.run(app.tenant, "webhookEndpoints.get", { endpointId })).not.toHaveProperty("failingSince");
    receiver.answer = (_request, response) => response.writeHead(500).end();
    await age(4);
    await publish(app);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), patience);
    await vi.waitFor(async () => expect((await stage.listRows(endpointId))[1]?.attempts).toBe(1), patience);
    expect(await stage.run(app.tenant, "webhookEndpoints.get", { endpointId })).toMatchObject({ enabled: true });
    await age(6);
    await publish(app);
    const off = { enabled: false, disabledReason: "Every delivery failed for 5 days." };
    await vi.waitFor(
      async () => expect(await stage.run(app.tenant, "webhookEndpoints.get", { endpointId })).toMatchObject(off),
      patience,
    );
  });

  it("checks the address again when it sends: what is no longer allowed is not connected to", async () => {
    const { app, receiver, endpointId } = await begin();
    const strict = createOutboundClient({ allow: [], clock: systemClock });
    const careful = await stage.startWebhooks({ outbound: strict, works: false });
    await publish(app, careful);
    await waitForRelease(endpointId, 1);
    expect(receiver.connections()).toBe(0);
    const [row] = await stage.listRows(endpointId);
    const deliveryId = fromUuid("delivery", row?.delivery_id ?? "");
    const detail = await stage.run(app.tenant, "deliveries.get", { deliveryId });
    expect(detail).toMatchObject({ attemptLog: [{ errorCode: "outbound.not_allowed" }] });
    await strict.close();
  });
});

describe("processes", () => {
  const answer = Promise.withResolvers<OutboundResponse>();
  const hanging = { request: () => answer.promise };
  afterAll(() => answer.resolve({ status: 500, headers: {}, body: Buffer.alloc(0), durationMs: 1 }));

  it("takes over the deliveries of a process that is gone", async () => {
    const { app, receiver, endpointId } = await begin();
    // Its number is held by nobody: the process has ended, its lease has not.
    const dead = await stage.startWebhooks({
      outbound: hanging,
      presence: { number: 2_000_000_000, isHeld: true },
      works: false,
    });
    await publish(app, dead);
    await waitForState(endpointId, ["delivered"]);
    expect(receiver.received).toHaveLength(1);
  });

  it("SECURITY: delivers what waits of one app although what waits of another cannot be read", async () => {
    const [bad, good] = [await begin(), await begin()];
    for (const { receiver } of [bad, good]) {
      receiver.answer = (_request, response) => {
        response.statusCode = 500;
        response.end();
      };
    }
    await Promise.all([publish(bad.app), publish(good.app)]);
    await Promise.all([waitForRelease(bad.endpointId, 1), waitForRelease(good.endpointId, 1)]);
    const spoil = "update webhook_deliveries set body = '\\x00' where endpoint_id = $1";
    await stage.scene.db.asAdmin(spoil, [bad.endpointId.slice(4)]);
    good.receiver.answer = (_request, response) => response.end();
    await stage.skipTime();
    await waitForState(good.endpointId, ["delivered"]);
    await vi.waitFor(async () => {
      const [row] = await stage.listRows(bad.endpointId);
      expect(row).toMatchObject({ state: "pending", attempts: 1, lease_owner: null });
      expect(row?.waits_seconds).toBeGreaterThan(1_200);
    }, patience);
  });

  it("SECURITY: calls once, and records, what shares a commit with another app's result that cannot be recorded", async () => {
    const [bad, good] = [await begin(), await begin()];
    const { keychain } = stage.scene;
    let areKeysGone = false;
    const failing = Object.create(keychain, {
      sealerFor: {
        value: (...[tenant, why]: Parameters<typeof keychain.sealerFor>) => {
          if (areKeysGone && tenant.appId === bad.app.tenant.appId) return Promise.reject(new RangeError("planted"));
          return keychain.sealerFor(tenant, why);
        },
      },
    });
    const own = await stage.startWebhooks({ keychain: failing });
    const waiting: (() => void)[] = [];
    for (const { receiver } of [bad, good]) {
      receiver.answer = (_request, response) => {
        waiting.push(() => response.end());
        if (waiting.length < 2) return;
        areKeysGone = true;
        for (const answer of waiting.splice(0)) answer();
      };
    }
    await Promise.all([publish(bad.app, own), publish(good.app, own)]);
    await waitForState(good.endpointId, ["delivered"]);
    await vi.waitFor(async () => {
      const [row] = await stage.listRows(bad.endpointId);
      expect(row).toMatchObject({ state: "pending", attempts: 0, lease_owner: null });
      expect(row?.waits_seconds).toBeGreaterThan(30);
    }, patience);
    expect([bad.receiver.received.length, good.receiver.received.length]).toEqual([1, 1]);
  });

  it("leaves alone what a living process holds", async () => {
    const { app, receiver, endpointId } = await begin();
    const busy = await stage.startWebhooks({ outbound: hanging, works: false });
    await publish(app, busy);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.received).toEqual([]);
    expect((await stage.listRows(endpointId))[0]).toMatchObject({ state: "pending", attempts: 0 });
  });
});
