import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { assignTrees, createChannel } from "../channels/index.ts";
import type { ConversationEvent } from "./events.ts";
import { createScene, type Scene } from "./testing/scene.ts";

const operator = { kind: "operator", command: "test" } as const;

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

describe("a message to a visitor of a website", () => {
  it("is sent when it is stored: in order, told to whoever listens, and to no platform", async () => {
    const { tenant, treeId } = await scene.addApp();
    const sealer = await scene.keychain.sealerFor(tenant, { actor: operator, reason: "test" });
    const channelId = await scene.db.database.withTenant(operator, tenant, async (tx) => {
      const input = { kind: "web", name: "Site", settings: {}, credentials: {} };
      const made = await createChannel(tx, input, sealer);
      await assignTrees(tx, made.channelId, { defaultTreeIds: [treeId] });
      return made.channelId;
    });
    const told: ConversationEvent[] = [];
    const pipeline = await scene.startPipeline({ publish: async (_tx, events) => void told.push(...events) });
    const orders = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const order of orders) {
      const message = {
        kind: "message",
        platformMessageId: `in-${order}`,
        externalId: "anonymous:1",
        sentAtMs: 1,
      } as const;
      const events = [{ ...message, type: "text", text: `order ${order}` }] as const;
      await pipeline.accept({ tenant, channelId, events, correlationId: `c-${order}` });
    }
    const outbound = () => told.filter((event) => event.kind === "outbound");
    await vi.waitFor(() => expect(outbound().length).toBe(orders.length), { timeout: 10_000 });
    expect(
      outbound().map((event) => ("message" in event && "text" in event.message ? event.message.text : "")),
    ).toEqual(orders.map((order) => `Order ${order} received`));
    expect(outbound().map((event) => ("platformMessageId" in event ? event.platformMessageId : "none"))).toEqual(
      orders.map(() => undefined),
    );
    await vi.waitFor(async () => {
      const rows = await scene.db.asAdmin<{ status: string }>("select distinct status from receipts");
      expect(rows).toEqual([{ status: "sent" }]);
    });
    expect(await scene.db.asAdmin("select 1 from outbox")).toEqual([]);
    expect(scene.platform.requests).toEqual([]);
  });
});
