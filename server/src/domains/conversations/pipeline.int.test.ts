import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Arrival } from "./ingest.ts";
import { createScene, type Scene, type SceneApp } from "./testing/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

let counter = 0;
function toArrival(app: SceneApp, externalId: string, text: string): Arrival {
  counter += 1;
  const message = {
    kind: "message",
    platformMessageId: `in-${counter}`,
    externalId,
    sentAtMs: 1,
    type: "text",
    text,
  } as const;
  return { tenant: app.tenant, channelId: app.channelId, events: [message], correlationId: `c-${counter}` };
}

function textsTo(externalId: string): string[] {
  const bodies = scene.platform.requests.map((request) => JSON.parse(String(request.body)));
  return bodies.filter((body) => body.to.id === externalId).map((body) => body.message.text);
}

describe("the conversation pipeline", () => {
  it("answers a message once it is committed, and drops the same message sent again", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const arrival = toArrival(app, "alice", "order 42");
    const [first] = await pipeline.accept(arrival);
    const [again] = await pipeline.accept(arrival);
    expect([first?.isRepeat, again?.isRepeat]).toEqual([false, true]);
    await vi.waitFor(() => expect(textsTo("alice")).toEqual(["Order 42 received"]));
    await vi.waitFor(async () => {
      const rows = await scene.db.asAdmin("select status from receipts");
      expect(rows).toEqual([{ status: "sent" }]);
    });
    expect(await scene.db.asAdmin("select 1 from outbox")).toEqual([]);
    expect(await scene.db.asAdmin("select 1 from inbound_events")).toEqual([]);
    expect(await scene.db.asAdmin("select outcome from traces")).toEqual([{ outcome: "answered" }]);
  });

  it("answers a hundred messages of one member in order", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const orders = Array.from({ length: 100 }, (_, index) => index + 1);
    await Promise.all(orders.map((order) => pipeline.accept(toArrival(app, "bob", `order ${order}`))));
    await vi.waitFor(() => expect(textsTo("bob").length).toBe(100), { timeout: 10_000 });
    expect(textsTo("bob")).toEqual(orders.map((order) => `Order ${order} received`));
  });

  it("tries again what the platform could not take, with the same reference and before what came later", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const usual = scene.platform.answer;
    let failures = 2;
    scene.platform.answer = async (request) => {
      const isForCarol = JSON.parse(String(request.body)).to.id === "carol";
      if (isForCarol && failures-- > 0) return { status: 503, body: Buffer.from("") };
      return usual(request);
    };
    await pipeline.accept(toArrival(app, "carol", "order 1"));
    await pipeline.accept(toArrival(app, "carol", "order 2"));
    await vi.waitFor(() => expect(textsTo("carol").at(-1)).toBe("Order 2 received"), { timeout: 15_000 });
    scene.platform.answer = usual;
    const bodies = scene.platform.requests.map((request) => JSON.parse(String(request.body)));
    const toCarol = bodies.filter((body) => body.to.id === "carol");
    expect(toCarol.map((body) => body.message.text)).toEqual([
      "Order 1 received",
      "Order 1 received",
      "Order 1 received",
      "Order 2 received",
    ]);
    expect(new Set(toCarol.slice(0, 3).map((body) => body.id)).size).toBe(1);
  });

  it("CVE-2026-48494: keeps members of one name in two apps apart", async () => {
    const [one, two] = [await scene.addApp(), await scene.addApp()];
    const pipeline = await scene.startPipeline();
    await pipeline.accept(toArrival(one, "dave", "order 7"));
    await pipeline.accept(toArrival(two, "dave", "order 8"));
    await vi.waitFor(() => expect(textsTo("dave").toSorted()).toEqual(["Order 7 received", "Order 8 received"]));
    const members = await scene.db.asAdmin<{ key: string }>(
      "select distinct encode(external_key, 'hex') as key from members m where app_id in ($1, $2)",
      [one.tenant.appId.slice(4), two.tenant.appId.slice(4)],
    );
    expect(members.length).toBe(2);
  });
});
