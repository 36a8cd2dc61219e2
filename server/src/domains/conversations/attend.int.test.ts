import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ConversationId, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import { importTree, publishTree } from "../bots/index.ts";
import { assignTrees } from "../channels/index.ts";
import { createInboxStage, type InboxStage, type Person } from "./testing/inbox-stage.ts";
import type { SceneApp } from "./testing/scene.ts";

let stage: InboxStage;
let app: SceneApp;
beforeAll(async () => {
  stage = await createInboxStage();
  app = await stage.scene.addApp();
});
afterAll(() => stage.close());

const operator = { kind: "operator", command: "test" } as const;
const hello = { messages: [{ type: "text", text: "Hello, I am a person" }] };

/** The mode in the row and the one the engine goes by. */
async function readModes(conversationId: ConversationId): Promise<{ row: string; engine: string }> {
  const row = toUuid(conversationId);
  const [found] = await stage.scene.db.asAdmin<{ mode: string; state: Buffer }>(
    "select mode, state from conversations where conversation_id = $1",
    [row],
  );
  const sealer = await stage.scene.keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
  const state = sealer.open({ table: "conversations", column: "state", row }, found?.state ?? Buffer.alloc(0));
  return { row: found?.mode ?? "", engine: JSON.parse(state.toString("utf8")).mode };
}

const take = (person: Person, conversationId: ConversationId) =>
  stage.call("conversations.take", person, { conversationId });

const codeOf = (error: unknown): string => String((error as { code?: string }).code);

describe("taking a conversation", () => {
  it("is won by exactly one of 50 who try at the same time", async () => {
    const conversationId = await stage.write(app, "fifty", "order 1");
    const people = await Promise.all(Array.from({ length: 50 }, () => stage.addPerson(app.tenant)));
    const database = stage.scene.db.open({ connectionsMax: 20 });
    const tries = await Promise.allSettled(
      people.map((person) => stage.call("conversations.take", person, { conversationId }, database)),
    );
    const winners = people.filter((_, index) => tries[index]?.status === "fulfilled");
    const refusals = tries.flatMap((one) => (one.status === "rejected" ? [codeOf(one.reason)] : []));
    expect(winners).toHaveLength(1);
    expect(new Set(refusals)).toEqual(new Set(["conversations.taken"]));
    const [row] = await stage.scene.db.asAdmin("select assignee from conversations where conversation_id = $1", [
      toUuid(conversationId),
    ]);
    expect(row).toEqual({ assignee: winners[0]?.userId });
  });

  it("changes the mode in the row and in what the engine goes by, tells of it, and is the same done twice", async () => {
    const conversationId = await stage.write(app, "modes", "order 1");
    const ada = await stage.addPerson(app.tenant, "Ada");
    stage.published.length = 0;
    const first = await take(ada, conversationId);
    expect(await take(ada, conversationId)).toEqual(first);
    expect(first).toMatchObject({ mode: "live", assignee: { userId: ada.userId, name: "Ada", isMe: true } });
    expect(await readModes(conversationId)).toEqual({ row: "live", engine: "live" });
    await stage.call("conversations.handBack", ada, { conversationId });
    await stage.call("conversations.handBack", ada, { conversationId });
    expect(await readModes(conversationId)).toEqual({ row: "bot", engine: "bot" });
    const told = stage.published.filter((event) => event.kind === "mode");
    expect(told.map(({ mode, agentName, externalId }) => [mode, agentName, externalId])).toEqual([
      ["live", "Ada", "modes"],
      ["bot", undefined, "modes"],
    ]);
  });

  it("can be undone by somebody else only when they mean it, and can leave it in the queue", async () => {
    const conversationId = await stage.write(app, "others", "order 1");
    const [one, other] = [await stage.addPerson(app.tenant), await stage.addPerson(app.tenant)];
    await take(one, conversationId);
    const handBack = stage.call("conversations.handBack", other, { conversationId });
    await expect(handBack).rejects.toMatchObject({ code: "conversations.taken" });
    await stage.call("conversations.handBack", other, { conversationId, to: "queued", fromOthers: true });
    expect(await readModes(conversationId)).toEqual({ row: "queued", engine: "queued" });
    expect(await take(other, conversationId)).toMatchObject({ mode: "live", assignee: { isMe: true } });
  });

  it("ends when the bot's own tree ends it: nobody has the conversation then", async () => {
    const own = await stage.scene.addApp();
    await stage.scene.db.database.withTenant(operator, own.tenant, async (tx) => {
      const treeId = await importTree(tx, {
        ...{ schema: "parley.tree/1", name: "While a person is there", headNode: "start" },
        nodes: [
          { compositeId: "start", name: "Start", kind: "general" },
          {
            ...{ compositeId: "bye", name: "Bye", kind: "global" },
            triggers: [{ any: [{ type: "keywords", keywords: ["bye"], wordBoundary: true }] }],
            preActions: [{ type: "endLiveChat" }],
          },
        ],
      });
      await publishTree(tx, treeId, "");
      await assignTrees(tx, own.channelId, { defaultTreeIds: [own.treeId], liveTreeId: treeId });
    });
    const conversationId = await stage.write(own, "bye", "order 1");
    const person = await stage.addPerson(own.tenant);
    await take(person, conversationId);
    stage.published.length = 0;
    await stage.write(own, "bye", "bye");
    const view = await stage.call("conversations.get", person, { conversationId });
    expect(view).toMatchObject({ mode: "bot" });
    expect(view).not.toHaveProperty("assignee");
    expect(stage.published.filter((event) => event.kind === "mode").map(({ mode }) => mode)).toEqual(["bot"]);
  });
});

describe("SECURITY: the bot never talks over a person", () => {
  it("is silent to a message that came in while somebody was taking the conversation, and to jumps, until it is handed back", async () => {
    const conversationId = await stage.write(app, "over", "order 1");
    await vi.waitFor(() => expect(stage.textsTo("over")).toEqual(["Order 1 received"]));
    const person = await stage.addPerson(app.tenant);
    const { tenant, channelId, treeId } = app;
    const message = { kind: "message", platformMessageId: "meanwhile", externalId: "over", sentAtMs: 1 } as const;
    const meanwhile = { ...message, type: "text", text: "order 2" } as const;
    const event = await stage.scene.db.database.withTenant(person, tenant, async (tx) => {
      await stage.call("conversations.take", person, { conversationId }, tx);
      const events = [meanwhile];
      const [receipt] = await stage.pipeline.accept({ tenant, channelId, events, correlationId: "meanwhile" });
      expect(receipt).not.toHaveProperty("result", expect.anything());
      return receipt?.eventId ?? "evt_";
    });
    expect(await stage.pipeline.waitForEvent(event, 5_000)).toMatchObject({ outcome: "silent", messageIds: [] });
    const parts = { runPreActions: true, sendResponses: true, runPostActions: true, meta: {} };
    const jump = { kind: "redirect", externalId: "over", treeId, compositeId: "menu", ...parts } as const;
    const [jumped] = await stage.pipeline.accept({ tenant, channelId, events: [jump], correlationId: "jump" });
    const result = jumped?.result ?? (await stage.pipeline.waitForEvent(jumped?.eventId ?? "evt_", 5_000));
    expect(result).toMatchObject({ outcome: "silent", messageIds: [] });
    expect(await readModes(conversationId)).toEqual({ row: "live", engine: "live" });
    await stage.call("conversations.handBack", person, { conversationId });
    await stage.write(app, "over", "order 3");
    await vi.waitFor(() => expect(stage.textsTo("over")).toEqual(["Order 1 received", "Order 3 received"]));
  });

  it("does not send afterwards what the bot could not send before, and sends what the person says", async () => {
    const usual = stage.scene.platform.answer;
    let isAway = true;
    stage.scene.platform.answer = async (request) => {
      const isForLate = JSON.parse(String(request.body)).to.id === "late";
      return isForLate && isAway ? { status: 503, body: Buffer.from("") } : usual(request);
    };
    const conversationId = await stage.write(app, "late", "order 7");
    await vi.waitFor(async () => {
      const rows = await stage.scene.db.asAdmin("select attempts from outbox where conversation_id = $1", [
        toUuid(conversationId),
      ]);
      expect(rows).toEqual([{ attempts: 1 }]);
    });
    const person = await stage.addPerson(app.tenant, "Ada");
    await stage.call("conversations.sendMessages", person, { conversationId, ...hello });
    stage.scene.platform.requests.length = 0;
    isAway = false;
    await vi.waitFor(() => expect(stage.textsTo("late")).toEqual(["Hello, I am a person"]), { timeout: 10_000 });
    await vi.waitFor(async () => {
      const { items } = await stage.call("messages.list", person, { conversationId });
      const seen = (items as { source: string; status?: string; errorCode?: string }[]).map(
        ({ source, status, errorCode }) => [source, status, errorCode],
      );
      expect(seen).toEqual([
        ["manual", "sent", undefined],
        ["bot", "failed", "conversation_taken"],
        ["member", undefined, undefined],
      ]);
    });
    stage.scene.platform.answer = usual;
  });
});

describe("answering", () => {
  it("takes the conversation, unless somebody else has it or it is not wanted", async () => {
    const conversationId = await stage.write(app, "answer", "order 1");
    const [ada, bob] = [await stage.addPerson(app.tenant, "Ada"), await stage.addPerson(app.tenant, "Bob")];
    const kept = await stage.call("conversations.sendMessages", bob, { conversationId, ...hello, keepMode: true });
    expect(kept).toMatchObject({ mode: "bot" });
    expect(await readModes(conversationId)).toEqual({ row: "bot", engine: "bot" });
    expect(await stage.call("conversations.sendMessages", ada, { conversationId, ...hello })).toMatchObject({
      mode: "live",
    });
    const before = await stage.scene.db.asAdmin("select count(*) from messages");
    const refused = stage.call("conversations.sendMessages", bob, { conversationId, ...hello });
    await expect(refused).rejects.toMatchObject({ code: "conversations.taken" });
    expect(await stage.scene.db.asAdmin("select count(*) from messages")).toEqual(before);
  });

  it("SECURITY: bears the name the organisation knows; a person gives themselves none, a token names whom it speaks for", async () => {
    const conversationId = await stage.write(app, "names", "order 1");
    const [ada, token] = [await stage.addPerson(app.tenant, "Ada"), stage.toToken(app.tenant)];
    const posing = { conversationId, ...hello, agentName: "The chief" };
    await expect(stage.call("conversations.sendMessages", ada, posing)).rejects.toMatchObject({
      code: "conversations.name_not_yours",
    });
    await stage.call("conversations.sendMessages", ada, { conversationId, ...hello });
    await stage.call("conversations.handBack", ada, { conversationId });
    await stage.call("conversations.sendMessages", token, posing);
    const { items } = await stage.call("messages.list", ada, { conversationId });
    const seen = (items as { source: string; type: string; by?: object }[]).map(({ source, type, by }) => [
      source,
      type,
      by,
    ]);
    expect(seen.slice(0, 2)).toEqual([
      ["manual", "text", { name: "The chief" }],
      ["manual", "text", { userId: ada.userId, name: "Ada" }],
    ]);
    expect(seen.slice(2).every(([source, , by]) => source !== "manual" && by === undefined)).toBe(true);
    const stored = await stage.scene.db.asAdmin<{ name: Buffer }>(
      "select assignee_name as name from conversations where conversation_id = $1",
      [toUuid(conversationId)],
    );
    expect(stored[0]?.name.includes("The chief")).toBe(false);
  });

  it("tells of typing and keeps nothing of it", async () => {
    const conversationId = await stage.write(app, "typing", "order 1");
    const person = await stage.addPerson(app.tenant);
    const count = () => stage.scene.db.asAdmin("select count(*) from messages");
    const before = await count();
    stage.published.length = 0;
    await stage.call("conversations.showTyping", person, { conversationId, isTyping: true });
    expect(stage.published).toMatchObject([{ kind: "typing", isTyping: true, externalId: "typing", conversationId }]);
    expect(await count()).toEqual(before);
  });

  it("CVE-2025-59422, CVE-2026-72919: whoever is limited to other channels neither sees, takes, answers, hands back nor types in a conversation", async () => {
    const conversationId = await stage.write(app, "limited", "order 1");
    const limited = await stage.addPerson(app.tenant, undefined, [newId("channel")]);
    const inputs = {
      "conversations.get": {},
      "conversations.take": {},
      "conversations.handBack": { fromOthers: true },
      "conversations.sendMessages": { ...hello, keepMode: true },
      "conversations.showTyping": { isTyping: true },
    };
    for (const [name, input] of Object.entries(inputs)) {
      const refused = stage.call(name, limited, { conversationId, ...input });
      await expect(refused, name).rejects.toMatchObject({ code: "conversations.conversation_not_found" });
    }
    for (const channelId of [undefined, app.channelId]) {
      expect(await stage.call("conversations.list", limited, { channelId })).toEqual({ items: [] });
    }
    expect(await stage.call("messages.list", limited, { conversationId })).toEqual({ items: [] });
    expect(await readModes(conversationId)).toEqual({ row: "bot", engine: "bot" });
  });
});
