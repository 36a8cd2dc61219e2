import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConversationId, type MessageId, toUuid } from "../../../kernel/ids.ts";
import { newId } from "../../../platform/crypto/random.ts";
import { Jobs } from "../../../platform/jobs/index.ts";
import { createLog } from "../../../platform/log/log.ts";
import { createScene, type Scene, type SceneApp } from "../../conversations/testing/scene.ts";
import type { FileView, RemoteInput } from "../../files/index.ts";
import { createPreviewJob, listPreviews, queuePreview } from "./previews.ts";

const actor = { kind: "system", job: "test" } as const;
const log = createLog({ level: "silent" });
let scene: Scene;
let app: SceneApp;
beforeAll(async () => {
  scene = await createScene();
  app = await scene.addApp();
});
afterAll(() => scene.close());

const page = `<head><title>Marker title</title><meta property="og:image" content="/cover.png"></head>`;

interface Added {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}

/** A message in a conversation of its own. */
async function addMessage(message: object, [direction, source]: readonly [string, string]): Promise<Added> {
  const [messageId, conversationId] = [newId("message"), newId("conversation")];
  const tenant = [toUuid(app.tenant.organisationId), toUuid(app.tenant.appId)];
  const [member, conversation] = [toUuid(newId("member")), toUuid(conversationId)];
  const sealer = await scene.keychain.sealerFor(app.tenant, { actor, reason: "test" });
  const content = sealer.seal(
    { table: "messages", column: "content", row: toUuid(messageId) },
    JSON.stringify({ direction, message }),
  );
  await scene.db.asAdmin(
    `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
     values ($1, $2, $3, $4, uuid_send($3), '', '')`,
    [...tenant, member, toUuid(app.channelId)],
  );
  await scene.db.asAdmin(
    `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
     values ($1, $2, $3, $4, $5, 'bot', '')`,
    [...tenant, conversation, member, toUuid(app.channelId)],
  );
  await scene.db.asAdmin(
    `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [...tenant, toUuid(messageId), conversation, direction, source, content],
  );
  return { conversationId, messageId };
}

function createJob(keepImage: (input: RemoteInput) => Promise<Partial<FileView>>) {
  const urls: string[] = [];
  const kept: RemoteInput[] = [];
  const jobs = new Jobs({ connection: scene.db.connection, log });
  const job = createPreviewJob({
    ...{ jobs, database: scene.db.database, keychain: scene.keychain, log },
    outbound: {
      request: async ({ url }) => {
        urls.push(url);
        return { status: 200, headers: { "content-type": "text/html" }, body: Buffer.from(page), durationMs: 1 };
      },
    },
    keepImage: async (_place, input) => {
      kept.push(input);
      return (await keepImage(input)) as FileView;
    },
  });
  const run = (added: Added) =>
    job.run({ ...app.tenant, ...added }, { jobId: "test", signal: new AbortController().signal });
  return { jobs, job, urls, kept, run };
}

const image = async () => ({ kind: "image", type: "image/png", width: 4, height: 3 }) as const;
const read = async (messageId: MessageId) => {
  const sealer = await scene.keychain.sealerFor(app.tenant, { actor, reason: "test" });
  return scene.db.database.withTenant(actor, app.tenant, (tx) => listPreviews(tx, [messageId], sealer));
};
const link = { type: "text", text: "See https://shop.example/a" } as const;

describe("link previews", () => {
  it("are made once, of what a bot or an agent wrote, and stored as ciphertext", async () => {
    const { run, urls, kept } = createJob(image);
    for (const source of ["bot", "manual"]) {
      const added = await addMessage(link, ["outbound", source]);
      const { messageId } = added;
      await run(added);
      await run(added);
      expect((await read(messageId)).get(messageId)).toEqual({
        ...{ url: "https://shop.example/a", title: "Marker title" },
        image: { url: "https://shop.example/cover.png", type: "image/png", width: 4, height: 3 },
      });
      expect(kept.at(-1)).toEqual({ url: "https://shop.example/cover.png", key: `${messageId} preview` });
    }
    expect(urls).toHaveLength(2);
    const rows = await scene.db.asAdmin<{ content: Buffer }>("select content from link_previews");
    expect(rows.map(({ content }) => content.includes("Marker"))).toEqual([false, false]);
  });

  it("SECURITY: are never made of what a visitor wrote", async () => {
    const { run, urls } = createJob(image);
    const added = await addMessage(link, ["inbound", "member"]);
    await run(added);
    expect([urls, (await read(added.messageId)).size]).toEqual([[], 0]);
  });

  it("stand without a picture when it cannot be had or is none", async () => {
    for (const keep of [() => Promise.reject(new RangeError("away")), async () => ({ kind: "audio" }) as const]) {
      const added = await addMessage(link, ["outbound", "bot"]);
      const { messageId } = added;
      await createJob(keep).run(added);
      expect((await read(messageId)).get(messageId)).toEqual({ url: "https://shop.example/a", title: "Marker title" });
    }
  });

  it("are queued by ids alone, in the message's transaction, and only for a message with a link", async () => {
    const { jobs, job } = createJob(image);
    const [withLink, without] = [newId("message"), newId("message")];
    const conversationId = newId("conversation");
    const plain = { type: "text", text: "none" } as const;
    await scene.db.database.withTenant(actor, app.tenant, async (tx) => {
      await queuePreview(tx, { jobs, job }, { conversationId, messageId: withLink, message: link });
      await queuePreview(tx, { jobs, job }, { conversationId, messageId: without, message: plain });
    });
    const payloads = await scene.db.asAdmin("select data from pgboss.job where name = 'visitors.preview'");
    expect(payloads).toEqual([{ data: { ...app.tenant, conversationId, messageId: withLink } }]);
  });

  it("SECURITY: of another app are not found", async () => {
    const { run } = createJob(image);
    const added = await addMessage(link, ["outbound", "bot"]);
    await run(added);
    const other = await scene.addApp();
    const sealer = await scene.keychain.sealerFor(other.tenant, { actor, reason: "test" });
    const found = await scene.db.database.withTenant(actor, other.tenant, (tx) =>
      listPreviews(tx, [added.messageId], sealer),
    );
    expect(found.size).toBe(0);
  });
});
