import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConversationId, type MessageId, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import { listStatements } from "../../platform/db/index.ts";
import { findConversationOf } from "./attend.ts";
import { toExternalKey } from "./lane.ts";
import { findMessage, listMessagesSince, type MessagesWanted, openMessage } from "./message-store.ts";
import { createInboxStage, type InboxStage } from "./testing/inbox-stage.ts";
import type { SceneApp } from "./testing/scene.ts";

const actor = { kind: "system", job: "test" } as const;
const overlapMs = 10_000;
const startMs = 1_800_000_000_000;
let stage: InboxStage;
let app: SceneApp;
beforeAll(async () => {
  stage = await createInboxStage();
  app = await stage.scene.addApp();
});
afterAll(() => stage.close());

let drawn = 0;
/** An id made at that time, by a process whose ids do not come from here. */
function idAt(ms: number): MessageId {
  drawn += 1;
  return `msg_${(startMs + ms).toString(16).padStart(12, "0")}7${drawn.toString(16).padStart(19, "0")}`;
}

/** Stores a message with this id, past the pipeline. */
async function say(conversationId: ConversationId, messageId: MessageId): Promise<void> {
  await stage.scene.db.asAdmin(
    `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
     values ($1, $2, $3, $4, 'outbound', 'bot', '')`,
    [toUuid(app.tenant.organisationId), toUuid(app.tenant.appId), toUuid(messageId), toUuid(conversationId)],
  );
}

async function read(conversationId: ConversationId, wanted: Omit<MessagesWanted, "overlapMs">): Promise<MessageId[]> {
  return stage.scene.db.database.withTenant(actor, app.tenant, async (tx) =>
    (await listMessagesSince(tx, conversationId, { overlapMs, ...wanted })).map(({ messageId }) => messageId),
  );
}

/** What somebody has who goes on from the highest id they were given. */
async function follow(conversationId: ConversationId, from: MessageId, first: number): Promise<Set<MessageId>> {
  const given = new Set<MessageId>();
  for (let after = from, more = true; more; ) {
    const page = await read(conversationId, { after, first });
    for (const id of page) given.add(id);
    const highest = [after, ...page].toSorted().at(-1) as MessageId;
    more = highest > after;
    after = highest;
  }
  return given;
}

describe("messages behind a cursor", () => {
  it("come oldest first, and with them what another clock made up to 10 seconds earlier", async () => {
    const conversationId = newId("conversation");
    const [seen, late, tooLate, next] = [idAt(60_000), idAt(51_000), idAt(40_000), idAt(60_500)];
    for (const id of [seen, next, late, tooLate]) await say(conversationId, id);
    expect(await read(conversationId, { after: seen, first: 10 })).toEqual([late, next]);
    expect(await read(conversationId, { first: 10 })).toEqual([tooLate, late, seen, next]);
    expect(await read(conversationId, { first: 2 })).toEqual([seen, next]);
    expect(await read(conversationId, { before: seen, first: 1 })).toEqual([late]);
    expect(await read(newId("conversation"), { after: seen, first: 10 })).toEqual([]);
  });

  it.each([1, 2, 3, 7, 100])(
    "are all reached in pages of %i, however many fall into the ten seconds",
    async (first) => {
      const conversationId = newId("conversation");
      const ids = Array.from({ length: 60 }, (_, index) => idAt(100_000 + index * 20));
      for (const id of ids) await say(conversationId, id);
      const [from = idAt(0), ...rest] = ids;
      const given = await follow(conversationId, from, first);
      given.delete(from);
      expect([...given].toSorted()).toEqual(rest.toSorted());
      expect((await read(conversationId, { after: ids[30], first })).length).toBeLessThanOrEqual(first);
    },
  );

  it("are found in an index, wherever the cursor stands", async () => {
    await stage.scene.db.asAdmin(
      `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
       select $1, $2, gen_random_uuid(), case when i % 2 = 0 then $3::uuid else gen_random_uuid() end, 'inbound', 'member', ''
       from generate_series(1, 20000) i`,
      [toUuid(app.tenant.organisationId), toUuid(app.tenant.appId), toUuid(newId("conversation"))],
    );
    await stage.scene.db.asAdmin("analyze messages");
    const names = ["list_messages", "list_messages_backward", "list_messages_forward"];
    for (const name of names) {
      const text = listStatements().find((one) => one.name === `conversations.${name}`)?.text ?? "";
      const rows = await stage.scene.db.asAdmin<{ "QUERY PLAN": string }>(`explain (generic_plan, costs off) ${text}`);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      expect(plan, name).toMatch(/Index Scan (?:Backward )?using messages_by_conversation on messages m/);
      expect(plan, name).toMatch(/Index Cond: .*message_id [<>]/);
      expect(plan, name).not.toMatch(/Seq Scan on messages|Sort/);
    }
  });
});

describe("what other domains look up", () => {
  it("finds a member's conversation by their id on the platform, with the name of who answers", async () => {
    const conversationId = await stage.write(app, "known", "order 1");
    const person = await stage.addPerson(app.tenant, "Ada");
    const sealer = await stage.scene.keychain.sealerFor(app.tenant, { actor, reason: "test" });
    const find = (externalId: string) =>
      stage.scene.db.database.withTenant(actor, app.tenant, (tx) => {
        const externalKey = toExternalKey(sealer, app.channelId, externalId);
        return findConversationOf(tx, { channelId: app.channelId, externalKey }, sealer);
      });
    expect(await find("known")).toMatchObject({ conversationId, mode: "bot", agentName: undefined });
    await stage.call("conversations.take", person, { conversationId });
    expect(await find("known")).toMatchObject({ conversationId, mode: "live", agentName: "Ada" });
    expect(await find("unknown")).toBeUndefined();
  });

  it("CVE-2026-28444: finds a message in its own conversation and in no other", async () => {
    const [own, other] = [await stage.write(app, "own", "order 5"), await stage.write(app, "other", "order 6")];
    const sealer = await stage.scene.keychain.sealerFor(app.tenant, { actor, reason: "test" });
    await stage.scene.db.database.withTenant(actor, app.tenant, async (tx) => {
      const [first] = await listMessagesSince(tx, own, { overlapMs, first: 10 });
      if (first === undefined) throw new Error("nothing was said");
      const found = await findMessage(tx, own, first.messageId);
      expect(found === undefined ? undefined : openMessage(found, sealer)).toMatchObject({
        direction: "inbound",
        message: { text: "order 5" },
      });
      expect(await findMessage(tx, other, first.messageId)).toBeUndefined();
    });
  });
});
