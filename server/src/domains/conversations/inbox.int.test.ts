import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../kernel/ids.ts";
import { listStatements } from "../../platform/db/index.ts";
import { createInboxStage, type InboxStage } from "./testing/inbox-stage.ts";
import type { SceneApp } from "./testing/scene.ts";

interface Item {
  readonly conversationId: string;
  readonly memberName?: string;
  readonly mode: string;
  readonly isVerified: boolean;
  readonly lastMessageAt?: string;
}

let stage: InboxStage;
let app: SceneApp;
beforeAll(async () => {
  stage = await createInboxStage();
  app = await stage.scene.addApp();
});
afterAll(() => stage.close());

async function list(query: object = {}, who = stage.toToken(app.tenant)): Promise<{ items: Item[]; after?: string }> {
  return (await stage.call("conversations.list", who, query)) as never;
}

/** Moves the last activity of a conversation into the past. */
async function age(conversationId: string, minutes: number): Promise<void> {
  await stage.scene.db.asAdmin(
    "update conversations set active_at = active_at - make_interval(mins => $2) where conversation_id = $1",
    [conversationId.slice(4), minutes],
  );
}

describe("the list of conversations", () => {
  it("has the one that was active last first, also one the bot is silent in, and pages through each exactly once", async () => {
    const made: string[] = [];
    for (const name of ["ann", "ben", "cid", "dan", "eve"]) made.push(await stage.write(app, name, "order 1"));
    for (const [index, conversationId] of made.entries()) await age(conversationId, 10 * (index + 1));
    const read = async (): Promise<string[]> => (await list()).items.map((item) => item.conversationId);
    expect(await read()).toEqual(made);
    const [ann, ben, cid, dan, eve] = made as [string, string, string, string, string];
    // The same words again leave the bot's state as it is.
    await stage.write(app, "dan", "order 1");
    expect(await read()).toEqual([dan, ann, ben, cid, eve]);
    const person = await stage.addPerson(app.tenant);
    await stage.call("conversations.take", person, { conversationId: eve });
    await age(eve, 60);
    await stage.write(app, "eve", "Is anybody there?");
    expect(await read()).toEqual([eve, dan, ann, ben, cid]);
    const said = { messages: [{ type: "text", text: "Hello" }], keepMode: true };
    await stage.call("conversations.sendMessages", person, { conversationId: ben, ...said });
    expect(await read()).toEqual([ben, eve, dan, ann, cid]);
    const paged: string[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = await list({ first: 2, after });
      paged.push(...page.items.map((item) => item.conversationId));
      after = page.after;
    }
    expect(paged).toEqual(await read());
  });

  it("is of one mode, of one channel, of one's own, or of nobody's", async () => {
    const own = await stage.scene.addApp();
    const token = stage.toToken(own.tenant);
    const ids = async (query: object, who = token): Promise<string[]> =>
      (await list(query, who)).items.map((item) => item.conversationId);
    const bot = await stage.write(own, "bot", "order 1");
    const waiting = await stage.write(own, "waiting", "agent");
    const taken = await stage.write(own, "taken", "agent");
    const other = await stage.addPerson(own.tenant);
    await stage.call("conversations.take", token, { conversationId: taken });
    expect(await ids({ mode: "bot" })).toEqual([bot]);
    expect(await ids({ mode: "queued" })).toEqual([waiting]);
    expect(await ids({ mode: "queued", assigned: "nobody" })).toEqual([waiting]);
    expect(await ids({ mode: "live", assigned: "nobody" })).toEqual([]);
    expect(await ids({ assigned: "me" })).toEqual([taken]);
    expect(await ids({ assigned: "me", mode: "queued" })).toEqual([]);
    expect(await ids({ assigned: "me" }, other as never)).toEqual([]);
    expect((await ids({ assigned: "nobody" })).toSorted()).toEqual([bot, waiting].toSorted());
    expect(await ids({ channelId: own.channelId })).toHaveLength(3);
    expect(await ids({ channelId: app.channelId })).toEqual([]);
    expect(await ids({ channelId: app.channelId, mode: "live" })).toEqual([]);
  });

  it("SECURITY: calls nobody verified whose platform lets members choose their ids", async () => {
    const conversationId = await stage.write(app, "verified:chief", "order 1");
    const view = await stage.call("conversations.get", stage.toToken(app.tenant), { conversationId });
    expect(view).toMatchObject({ isVerified: false, channelKind: "custom", mode: "bot" });
    await stage.scene.db.asAdmin("update channels set kind = 'web', web = '{}' where channel_id = $1", [
      toUuid(app.channelId),
    ]);
    const { items } = await list();
    expect(items.filter((item) => item.isVerified).map((item) => item.conversationId)).toEqual([conversationId]);
    await stage.scene.db.asAdmin("update channels set kind = 'custom', web = null where channel_id = $1", [
      toUuid(app.channelId),
    ]);
  });

  it("finds its pages in an index, in the order they are in, however much there is", async () => {
    await stage.scene.db.asAdmin(`
      insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
      select c.organisation_id, c.app_id, gen_random_uuid(), c.channel_id, uuid_send(gen_random_uuid()), '', ''
      from channels c, generate_series(1, 10000) where c.channel_id = '${toUuid(app.channelId)}'`);
    await stage.scene.db.asAdmin(`
      insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state, active_at)
      select m.organisation_id, m.app_id, gen_random_uuid(), m.member_id, m.channel_id,
        case when random() < 0.1 then 'live' else 'bot' end, '', now() - random() * interval '300 days'
      from members m where m.profile = ''`);
    await stage.scene.db.asAdmin(
      "update conversations set assignee = 'usr_' || md5(random()::text) where mode = 'live'",
    );
    await stage.scene.db.asAdmin(`
      insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
      select organisation_id, app_id, gen_random_uuid(), conversation_id, 'inbound', 'member', '' from conversations`);
    await stage.scene.db.asAdmin("analyze");
    const indexes = {
      "conversations.list_by_activity": "conversations_by_activity",
      "conversations.list_attended": "conversations_attended",
      "conversations.list_assigned": "conversations_by_assignee",
    };
    for (const [name, index] of Object.entries(indexes)) {
      const text = listStatements().find((one) => one.name === name)?.text ?? "";
      const rows = await stage.scene.db.asAdmin<{ "QUERY PLAN": string }>(`explain (generic_plan, costs off) ${text}`);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      expect(plan, name).toContain(`Index Scan Backward using ${index} on conversations c`);
      expect(plan, name).toMatch(/Index Cond: .*ROW\(c?\.?active_at, c?\.?conversation_id\) </);
      expect(plan, name).not.toMatch(/Seq Scan on (?:conversations|messages|members)/);
    }
  });
});
