// The public chat from outside, over real HTTP and without a browser: from where it may be called, what a token is good for,
// what is said and heard, and who may stop it.

import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openKeyRing } from "../../server/src/domains/keys/index.ts";
import { writeToken } from "../../server/src/domains/visitors/sessions/token.ts";
import type { ChannelId, VisitorId } from "../../server/src/kernel/ids.ts";
import { askChat, type ChatAnswer, drawAddress, drawClientId, shop, solve, type Visitor } from "../support/chat.ts";
import { type ChatHouse, openChatHouse } from "../support/chat-house.ts";
import { countStored, queryStored } from "../support/database.ts";
import type { DemoApp } from "../support/server.ts";

const blog = "https://blog.example";
const evil = "https://evil.example";
const stored = ["members", "visitors", "conversations", "messages", "files", "inbound_events"] as const;
/** What "within a second" allows: two looks a second, and the time of a request on a busy machine. */
const endsWithinMs = 1_000;

let house: ChatHouse;
/** Shown by the shop and the blog. */
let channelId: string;

beforeAll(async () => {
  house = await openChatHouse();
  channelId = await house.addChannel({ origins: [shop, blog] });
}, 120_000);

afterAll(async () => {
  expect(await house?.close()).toBe(0);
}, 60_000);

const countAll = (): Promise<number[]> => Promise.all(stored.map((table) => countStored(house.dataDir, table)));
const toOutcome = ({ status, body }: ChatAnswer): [number, string | undefined] => [status, body.code];
const begin = (at = channelId, origin = shop): Promise<Visitor> => house.visitor(at, { origin }).start();

/** A visitor who has said something and was answered. */
async function settle(at = channelId): Promise<Visitor> {
  const visitor = await begin(at);
  const stream = await visitor.openStream();
  expect((await visitor.say("order 1")).status).toBe(202);
  await stream.findMessage("Order 1 received");
  stream.close();
  return visitor;
}

describe("where a request comes from", () => {
  const send = (headers: Record<string, string>, method = "POST", path = "start", at = channelId) =>
    askChat(`${house.server.url}/chat/v1/channels/${at}/${path}`, {
      ...{ method, headers, address: drawAddress() },
      ...(method === "POST" && { body: {} }),
    });
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };

  it("SECURITY: a listed site is let in by exactly its own origin, and caches are told", async () => {
    for (const origin of [shop, blog]) {
      for (const [method, path, more] of [
        ["POST", "start", {}],
        ["OPTIONS", "messages", preflight],
        ["GET", "messages", {}],
      ] as const) {
        const { status, headers } = await send({ origin, ...more }, method, path);
        expect(status).toBe({ POST: 200, OPTIONS: 204, GET: 401 }[method]);
        expect(headers["access-control-allow-origin"]).toBe(origin);
        expect(headers["access-control-allow-credentials"]).toBeUndefined();
        expect(headers.vary).toMatch(/\bOrigin\b/);
        expect(headers["set-cookie"]).toBeUndefined();
      }
    }
  });

  it.each([
    ["a site that is not listed", { origin: evil }],
    ["a listed site in clear text", { origin: "http://shop.example" }],
    ["a listed site at another port", { origin: "https://shop.example:8443" }],
    ["a host below a listed one", { origin: "https://a.shop.example" }],
    ["a host that begins like a listed one", { origin: "https://shop.example.evil.example" }],
    ["a listed site with a path", { origin: "https://shop.example/" }],
    ["a listed site in other letters", { origin: "https://SHOP.example" }],
    ["two origins", { origin: "https://shop.example https://evil.example" }],
    ["the origin null", { origin: "null" }],
    ["no origin at all", {}],
    ["an empty origin", { origin: "" }],
    ["no origin, with the frame's header alone", { "parley-site": shop }],
    ["another site that borrows the frame's header", { origin: evil, "parley-site": shop }],
    ["another site's page, by its browser's word", { "sec-fetch-site": "cross-site", "parley-site": shop }],
    ["a page of the same site, another origin", { "sec-fetch-site": "same-site", "parley-site": shop }],
  ])("SECURITY: %s is refused and told nothing, whatever it asks", async (_name, headers: Record<string, string>) => {
    for (const [method, path, more] of [
      ["POST", "start", {}],
      ["GET", "messages", {}],
      ["GET", "stream", {}],
      ["OPTIONS", "start", preflight],
    ] as const) {
      const answer = await send({ ...headers, ...more }, method, path);
      expect(toOutcome(answer)).toEqual([403, "api.site_refused"]);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });

  it("SECURITY: a channel that lists no site is nobody's, our own page's included", async () => {
    const closed = await house.addChannel({ origins: [] });
    for (const headers of [{ origin: shop }, { origin: house.server.url }, { "sec-fetch-site": "same-origin" }]) {
      expect(toOutcome(await send(headers, "POST", "start", closed))).toEqual([403, "api.site_refused"]);
    }
  });

  it("our own frame speaks for the page around it, when that is listed", async () => {
    const own = house.server.url;
    const framed = await send({ origin: own, "parley-site": shop });
    expect([framed.status, framed.headers["access-control-allow-origin"]]).toEqual([200, undefined]);
    expect((await send({ "sec-fetch-site": "same-origin", "parley-site": shop }, "POST")).status).toBe(200);
    // Without the header the page is the frame itself, and the channel does not list us.
    expect(toOutcome(await send({ origin: own }))).toEqual([403, "api.site_refused"]);
    expect(toOutcome(await send({ origin: own, "parley-site": evil }))).toEqual([403, "api.site_refused"]);
    const { channelId: demoChannel } = house.app.channels.web;
    expect((await send({ origin: own }, "POST", "start", demoChannel)).status).toBe(200);
  });

  it("SECURITY: a site that is taken off the list is refused from then on, and its streams end within a second", async () => {
    const shown = await house.addChannel({ origins: [shop, blog] });
    const visitor = await begin(shown, blog);
    const [gone, kept] = [await visitor.openStream(), await (await begin(shown)).openStream()];
    await gone.find(({ event }) => event === "ready");
    await house.setWeb(shown, { origins: [shop] });
    await gone.find(({ event }) => event === "end", endsWithinMs);
    expect(kept.endedAtMs).toBeUndefined();
    await vi.waitFor(async () => expect((await visitor.ask("messages")).body.code).toBe("api.site_refused"), 1_000);
  });

  it("is asked before anything is said about channels; unknown ones and those of other kinds are 404", async () => {
    for (const at of [`chn_${"0".repeat(32)}`, house.app.channels.whatsapp.channelId, "chn_x"]) {
      expect((await send({ origin: shop }, "POST", "start", at)).status).toBe(404);
    }
  });
});

describe("a visitor's token", () => {
  it("SECURITY: is good for no other origin, channel or app", async () => {
    const visitor = await settle();
    const others = await Promise.all([house.addChannel(), house.addChannel({}, house.demo.apps[1] as DemoApp)]);
    for (const [at, origin] of [[channelId, blog], ...others.map((one) => [one, shop])] as [string, string][]) {
      const moved = house.visitor(at, { origin });
      moved.token = visitor.token;
      for (const answer of [
        await moved.ask("messages"),
        await moved.say("order 666"),
        await moved.rotate("r".repeat(22)),
        await moved.post("end"),
      ]) {
        expect(toOutcome(answer)).toEqual([401, "visitors.token_invalid"]);
      }
      expect((await moved.openStream()).status).toBe(401);
    }
    expect((await visitor.ask("messages")).status).toBe(200);
  });

  it("SECURITY: opens its own conversation and no other", async () => {
    const [other, own] = [await settle(), await settle()];
    const [mine, theirs] = [await own.ask("messages"), await other.ask("messages")];
    expect(mine.body.conversationId).not.toBe(theirs.body.conversationId);
    const asked = await own.ask(`messages?conversationId=${theirs.body.conversationId}`);
    expect(toOutcome(asked)).toEqual([404, "visitors.conversation_not_found"]);
    const messageId = theirs.body.items?.at(-1)?.messageId ?? "";
    expect(toOutcome(await own.post("read", { messageId }))).toEqual([404, "visitors.message_not_found"]);
    expect((await own.ask(`messages/${messageId}/media/0`)).status).toBe(404);
    // As a place in one's own conversation it is a point in time, and shows nothing of the other.
    const after = await own.ask(`messages?after=${messageId}`);
    const ids = (mine.body.items ?? []).map((item) => item.messageId);
    expect(ids.length).toBeGreaterThan(1);
    expect(after.body.items?.map((item) => item.messageId).toSorted()).toEqual(ids.toSorted());
  });

  it("SECURITY: made up, cut, lengthened, in the address or of another kind, is refused", async () => {
    const visitor = await settle();
    const { token } = visitor;
    const last = token.endsWith("A") ? "B" : "A";
    const { botToken } = house.app;
    for (const wrong of ["plv_", token.slice(0, -1), `${token}A`, token.slice(0, -1) + last, `plv_${"A".repeat(75)}`]) {
      visitor.token = wrong;
      expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.token_invalid"]);
    }
    visitor.token = botToken;
    expect((await visitor.ask("messages")).status).toBe(401);
    visitor.token = "";
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.token_required"]);
    expect((await visitor.ask(`messages?token=${token}`)).status).toBe(400);
    const asBot = await askChat(`${house.server.url}/api/v1/conversations`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(asBot.status).toBe(401);
  });

  it("SECURITY: used after it was exchanged, ends the session for both, is recorded and logged", async () => {
    const visitor = await settle();
    const stream = await visitor.openStream();
    await stream.find(({ event }) => event === "ready");
    const copied = house.visitor(channelId);
    copied.token = visitor.token;
    expect((await visitor.rotate("first-rotation-of-this-one")).status).toBe(200);
    expect((await visitor.ask("messages")).status).toBe(200);
    const atMs = performance.now();
    expect(toOutcome(await copied.ask("messages"))).toEqual([401, "visitors.token_reused"]);
    const end = await stream.find(({ event }) => event === "end", endsWithinMs + 500);
    await stream.ended;
    expect(end.data.reason).toBe("session_ended");
    expect(end.atMs - atMs).toBeLessThan(endsWithinMs);
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.token_reused"]);
    expect(toOutcome(await visitor.rotate("second-rotation-of-this"))).toEqual([401, "visitors.token_reused"]);
    const rows = await queryStored<{ targets: unknown }>(
      house.dataDir,
      "select targets from audit_entries where action = 'visitor.token_reused'",
    );
    expect(rows.filter(({ targets }) => JSON.stringify(targets).includes(visitor.visitorId))).toHaveLength(1);
    const lines = house.server.output().split("\n");
    const logged = lines.filter((line) => line.includes(visitor.visitorId) && line.includes("exchanged"));
    expect(logged).toHaveLength(1);
    expect(house.server.output()).not.toContain(copied.token);
  });

  it("SECURITY: exchanged by two with different words, ends the session", async () => {
    const visitor = await settle();
    const copied = house.visitor(channelId);
    copied.token = visitor.token;
    expect((await visitor.rotate("what-the-visitor-has-drawn")).status).toBe(200);
    expect(toOutcome(await copied.rotate("what-the-thief-has-drawn"))).toEqual([401, "visitors.token_reused"]);
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.token_reused"]);
  });

  it("may be exchanged again with the same words as long as the answer was lost, ten times over", async () => {
    const visitor = await settle();
    const { token } = visitor;
    const asked = Array.from({ length: 10 }, () => visitor.post("token", { rotationId: "the-same-words-every-time" }));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    visitor.token = answers.at(-1)?.body.token ?? "";
    expect(visitor.token).not.toBe(token);
    expect((await visitor.ask("messages")).body.items).toHaveLength(2);
    expect((await visitor.say("order 2")).status).toBe(202);
  });

  it("that has run out can be exchanged and nothing else, and not once the session has been idle for too long", async () => {
    const { pepper } = openKeyRing(join(house.dataDir, "keys", "ring.json"), false);
    const visitor = await settle();
    const issuedAt = Math.floor(Date.now() / 1000) - 901;
    const place = { channelId: channelId as ChannelId, site: shop };
    const old = { visitorId: visitor.visitorId as VisitorId, generation: 0, issuedAt };
    visitor.token = writeToken(pepper, old, place);
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.token_expired"]);
    expect(toOutcome(await visitor.say("order 2"))).toEqual([401, "visitors.token_expired"]);
    expect((await visitor.openStream()).status).toBe(401);
    expect((await visitor.rotate("after-it-had-run-out-once")).status).toBe(200);
    expect((await visitor.ask("messages")).status).toBe(200);
    const hours = "update visitors set seen_at = now() - interval '24 hours 5 seconds' where visitor_id = $1";
    await queryStored(house.dataDir, hours, [visitor.visitorId.slice(4)]);
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.session_ended"]);
    expect(toOutcome(await visitor.rotate("after-a-day-of-idleness"))).toEqual([401, "visitors.session_ended"]);
    // Who has said nothing has nothing to come back to.
    const silent = await begin();
    silent.token = writeToken(pepper, { ...old, visitorId: silent.visitorId as VisitorId }, place);
    expect(toOutcome(await silent.rotate("nobody-ever-said-anything"))).toEqual([401, "visitors.token_expired"]);
  });

  it("is good for nothing once its visitor has ended the chat", async () => {
    const visitor = await settle();
    const stream = await visitor.openStream();
    await stream.find(({ event }) => event === "ready");
    expect((await visitor.post("end")).status).toBe(204);
    expect(toOutcome(await visitor.ask("messages"))).toEqual([401, "visitors.session_ended"]);
    await stream.find(({ event }) => event === "end", endsWithinMs);
  });
});

describe("what is said", () => {
  it("is heard once, however often it is sent, also at the same time", async () => {
    const visitor = await begin();
    const stream = await visitor.openStream();
    const clientId = drawClientId();
    const answers = await Promise.all(Array.from({ length: 8 }, () => visitor.say("order 42", clientId)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    expect(answers.filter(({ body }) => body.isRepeat === false)).toHaveLength(1);
    await stream.findMessage("Order 42 received");
    expect((await visitor.say("order 42", clientId)).body).toMatchObject({ clientId, isRepeat: true });
    await wait(300);
    const { items = [] } = (await visitor.ask("messages")).body;
    expect(items.map(({ content }) => content.text)).toEqual(["order 42", "Order 42 received"]);
    expect(items[0]).toMatchObject({ clientId, from: "visitor" });
    expect(stream.messages.map(({ messageId }) => messageId)).toEqual(items.map(({ messageId }) => messageId));
    // Another visitor may call a message the same.
    const other = await begin();
    expect((await other.say("order 43", clientId)).body.isRepeat).toBe(false);
  });

  it("keeps its order, and so do the answers: 30 messages sent without waiting for any", async () => {
    // A visitor may say 20 things a minute, so two speak; each one's order is their own.
    const visitors = [await begin(), await begin()];
    const numbers = Array.from({ length: 15 }, (_, index) => index + 1);
    const spoken = visitors.map(async (visitor) => {
      const stream = await visitor.openStream();
      for (const number of numbers) expect((await visitor.say(`order ${number}`)).status).toBe(202);
      await stream.findMessage("Order 15 received", 15_000);
      expect(stream.replies).toEqual(numbers.map((number) => `Order ${number} received`));
      const heard = stream.messages.filter(({ from }) => from === "visitor").map(({ content }) => content.text);
      expect(heard).toEqual(numbers.map((number) => `order ${number}`));
    });
    await Promise.all(spoken);
  }, 60_000);

  it("is read back page by page, forwards and backwards, without a gap", async () => {
    const visitor = await begin();
    const stream = await visitor.openStream();
    for (let number = 1; number <= 6; number += 1) await visitor.say(`order ${number}`);
    await stream.findMessage("Order 6 received", 15_000);
    const all = (await visitor.ask("messages?first=100")).body.items ?? [];
    const ids = all.map(({ messageId }) => messageId);
    expect(ids).toHaveLength(12);
    const end = await visitor.ask("messages?first=5");
    expect(end.body.items?.map(({ messageId }) => messageId)).toEqual(ids.slice(-5));
    expect(end.body.hasMore).toBe(true);
    const back: string[] = [];
    for (let before: string | undefined = "", more = true; more; ) {
      const page: ChatAnswer = await visitor.ask(`messages?first=5${before === "" ? "" : `&before=${before}`}`);
      back.unshift(...(page.body.items ?? []).map(({ messageId }) => messageId));
      before = page.body.items?.[0]?.messageId;
      more = page.body.hasMore === true;
    }
    expect(back).toEqual(ids);
    // Behind a message comes what is behind it, and a little before: clocks of processes differ.
    const behind = (await visitor.ask(`messages?first=100&after=${ids[5]}`)).body.items ?? [];
    expect(behind.map(({ messageId }) => messageId)).toEqual(expect.arrayContaining(ids.slice(6)));
    for (const wrong of ["first=0", "first=101", "after=x", "limit=5"]) {
      expect((await visitor.ask(`messages?${wrong}`)).status).toBe(400);
    }
  }, 30_000);

  it("reaches a chat that was away while the server was killed: nothing is missing, nothing comes twice", async () => {
    const visitor = await settle();
    const first = await visitor.openStream();
    await first.findMessage("Order 1 received");
    const given = first.messages.at(-1)?.messageId ?? "";
    // The last request may or may not be heard; whoever repeats it with the same id is sure.
    const clientId = drawClientId();
    const cut = visitor.say("order 2", clientId).catch(() => undefined);
    await house.restart();
    await cut;
    await first.ended;
    expect((await visitor.say("order 2", clientId)).status).toBe(202);
    const second = await visitor.openStream(`?after=${given}`);
    await second.findMessage("Order 2 received", 15_000);
    await visitor.say("order 3");
    await second.findMessage("Order 3 received");
    await wait(200);
    const { items = [] } = (await visitor.ask("messages")).body;
    const texts = items.map(({ content }) => content.text);
    const sorted = ["order 1", "Order 1 received", "order 2", "Order 2 received", "order 3", "Order 3 received"];
    expect(texts).toEqual(sorted);
    const known = new Set([given, ...first.messages.map(({ messageId }) => messageId)]);
    const fresh = second.messages.filter(({ messageId }) => !known.has(messageId));
    expect(fresh.map(({ content }) => content.text)).toEqual(sorted.slice(2));
    expect(new Set(second.messages.map(({ messageId }) => messageId)).size).toBe(second.messages.length);
  }, 60_000);

  it("is brought by the stream however much was missed, and however long it is", async () => {
    const visitor = await settle();
    const given = (await visitor.ask("messages")).body.items?.at(-1)?.messageId ?? "";
    const recipientId = `anonymous:${visitor.visitorId.slice("vis_".length)}`;
    for (let round = 0; round < 6; round += 1) {
      const text = (number: number): string => `${round * 20 + number} ${"x".repeat(4_000)}`;
      const response = Array.from({ length: 20 }, (_, number) => ({ type: "text", text: text(number) }));
      expect((await house.callBot({ channelId, recipientId, response })).status).toBe(200);
    }
    const stream = await visitor.openStream(`?after=${given}`);
    const numbers = (): number[] => stream.messages.map(({ content }) => Number.parseInt(content.text ?? "", 10));
    // Of what came just before, the last is given once more: clocks of processes differ.
    await vi.waitFor(() => expect(numbers().at(-1)).toBe(119), 5_000);
    expect(numbers().filter((number) => !Number.isNaN(number))).toEqual(Array.from({ length: 120 }, (_, at) => at));
    expect(new Set(stream.messages.map(({ messageId }) => messageId)).size).toBe(stream.messages.length);
    expect(stream.endedAtMs).toBeUndefined();
    stream.close();
  }, 20_000);

  it("of the bot, once its visitor has seen it, is marked as read for those who answer", async () => {
    const visitor = await settle();
    const { conversationId, items = [] } = (await visitor.ask("messages")).body;
    const [own, reply] = items;
    expect((await visitor.post("read", { messageId: reply?.messageId })).status).toBe(204);
    await vi.waitFor(async () => {
      const { body } = await house.api("GET", `/api/v1/conversations/${conversationId}/messages`);
      const seen = body.items?.find(({ messageId }) => messageId === reply?.messageId);
      expect(seen).toMatchObject({ status: "read" });
    }, 5_000);
    // Nobody reads their own words for others.
    expect((await visitor.post("read", { messageId: own?.messageId })).status).toBe(404);
  });

  it("SECURITY: a choice nobody offered is refused; one that was offered is taken", async () => {
    const quickStarts = [{ title: "Opening hours", payload: "hours" }];
    const at = await house.addChannel({ quickStarts });
    const visitor = await begin(at);
    const stream = await visitor.openStream();
    const choose = (payload: string, title: string, messageId?: string) =>
      visitor.post("messages", { type: "payload", clientId: drawClientId(), payload, title, messageId });
    expect(toOutcome(await choose("agent", "Opening hours"))).toEqual([422, "visitors.not_offered"]);
    expect(toOutcome(await choose("hours", "Another title"))).toEqual([422, "visitors.not_offered"]);
    expect((await choose("hours", "Opening hours")).status).toBe(202);
    await stream.find(({ data }) => data.from === "bot");
    await visitor.say("menu");
    const menu = await stream.find(({ data }) => data.content?.type === "buttons");
    const { messageId, content } = menu.data;
    expect(toOutcome(await choose("secret_node", "x", messageId))).toEqual([422, "visitors.not_offered"]);
    const other = await settle(at);
    const foreign = await other.post("messages", {
      ...{ type: "payload", clientId: drawClientId(), payload: "hours", title: "Opening hours", messageId },
    });
    expect(toOutcome(foreign)).toEqual([422, "visitors.not_offered"]);
    const offered = content?.buttons?.find(({ payload }) => payload === "order_help");
    expect((await choose("order_help", offered?.title ?? "", messageId)).status).toBe(202);
    await stream.find(({ data }) => data.content?.text?.startsWith('Write "order"') === true);
  });

  it("SECURITY: where consent is asked for, nothing of a visitor is stored before they gave it", async () => {
    const consent = { consentRequired: true, uploads: true, texts: { en: { title: "Chat", consent: "We keep it." } } };
    const at = await house.addChannel(consent);
    const before = await countAll();
    const visitor = await begin(at);
    await (await visitor.openStream()).find(({ event }) => event === "ready");
    expect((await visitor.ask("messages")).body).toMatchObject({ items: [], mode: "bot", hasMore: false });
    expect((await visitor.rotate("before-anything-was-said")).status).toBe(200);
    expect(toOutcome(await visitor.say("order 1"))).toEqual([422, "visitors.consent_required"]);
    expect(toOutcome(await visitor.upload("a.txt", Buffer.from("hello")))).toEqual([422, "visitors.consent_required"]);
    const word = { clientId: drawClientId(), email: "a@example.org", text: "Hello" };
    expect(toOutcome(await visitor.post("contact", word))).toEqual([422, "visitors.consent_required"]);
    const refused = { type: "text", clientId: drawClientId(), text: "order 1", consent: false };
    expect((await visitor.post("messages", refused)).status).toBe(400);
    expect(await countAll()).toEqual(before);
    const accepted = { type: "text", clientId: drawClientId(), text: "order 1", consent: true };
    expect((await visitor.post("messages", accepted)).status).toBe(202);
    const after = await countAll();
    expect(after[stored.indexOf("visitors")]).toBe((before[stored.indexOf("visitors")] ?? 0) + 1);
    // Once given, it need not be given again.
    expect((await visitor.say("order 2")).status).toBe(202);
  });

  it("stores nothing of a visitor who only looks, wherever consent is not asked for either", async () => {
    const before = await countAll();
    const visitor = await begin();
    await (await visitor.openStream()).find(({ event }) => event === "ready");
    await visitor.ask("messages");
    await visitor.post("end");
    expect(await countAll()).toEqual(before);
  });

  it.each([
    ["no text", { text: "" }],
    ["blanks", { text: "  \n " }],
    ["too much text", { text: "x".repeat(4_001) }],
    ["a short clientId", { clientId: "short" }],
    ["a clientId with a colon", { clientId: "abc:defgh" }],
    ["a further field", { from: "bot" }],
    ["another member", { externalId: "anonymous:1" }],
    ["an unknown type", { type: "html" }],
  ])("is refused with %s, naming the field", async (_name, change) => {
    const visitor = await begin();
    const answer = await visitor.post("messages", {
      ...{ type: "text", clientId: "abcdefgh", text: "hello" },
      ...change,
    });
    expect(toOutcome(answer)).toEqual([400, "api.invalid_request"]);
    expect(answer.body.errors?.length).toBeGreaterThan(0);
  });

  it("outside business hours an address may be left with it, and the question is kept where agents see it", async () => {
    const at = await house.addChannel();
    const visitor = await begin(at);
    const word = { clientId: drawClientId(), email: "mia@example.org", name: "Mia", text: "Is the lamp in stock?" };
    const wrong = await visitor.post("contact", { ...word, email: "mia@example.org\nbcc: x@example.org" });
    expect(toOutcome(wrong)).toEqual([422, "visitors.contact_email_invalid"]);
    expect((await visitor.post("contact", word)).status).toBe(202);
    expect((await visitor.post("contact", word)).body.isRepeat).toBe(true);
    const list = await house.api("GET", `/api/v1/conversations?channelId=${at}`);
    const [item] = list.body.items as unknown as { conversationId: string }[];
    await vi.waitFor(async () => {
      const { body } = await house.api("GET", `/api/v1/conversations/${item?.conversationId}/messages`);
      const inbound = JSON.stringify(body.items);
      expect(inbound).toContain("Is the lamp in stock?");
      expect(inbound).toContain("mia@example.org");
    }, 5_000);
  });
});

describe("a person who answers", () => {
  it("is asked for, takes over, writes and hands back, live; the bot is silent meanwhile", async () => {
    const at = await house.addChannel();
    const visitor = await begin(at);
    const stream = await visitor.openStream();
    await visitor.say("agent");
    await stream.findMessage("A person will be with you shortly.");
    await stream.find(({ event, data }) => event === "mode" && data.mode === "queued");
    const list = await house.api("GET", `/api/v1/conversations?channelId=${at}&mode=queued`);
    const [item] = list.body.items as unknown as { conversationId: string }[];
    const path = `/api/v1/conversations/${item?.conversationId}`;
    expect((await house.api("POST", `${path}/take`, { agentName: "Ana" })).body).toMatchObject({ mode: "live" });
    const live = await stream.find(({ event, data }) => event === "mode" && data.mode === "live");
    expect(live.data.agentName).toBe("Ana");
    expect((await house.api("POST", `${path}/typing`, { isTyping: true })).status).toBe(204);
    await stream.find(({ event, data }) => event === "typing" && data.isTyping === true);
    const messages = [{ type: "text", text: "How can I help?" }];
    const sentMs = performance.now();
    expect((await house.api("POST", `${path}/messages`, { messages, agentName: "Ana" })).status).toBe(202);
    const said = await stream.findMessage("How can I help?");
    expect(said.data).toMatchObject({ from: "agent", name: "Ana" });
    expect(said.atMs - sentMs).toBeLessThan(1_000);
    await visitor.say("order 7");
    await stream.findMessage("order 7");
    await wait(500);
    expect(stream.replies).not.toContain("Order 7 received");
    expect((await house.api("POST", `${path}/handBack`, {})).body).toMatchObject({ mode: "bot" });
    await stream.find(({ event, data, atMs }) => event === "mode" && data.mode === "bot" && atMs > live.atMs);
    await visitor.say("order 8");
    await stream.findMessage("Order 8 received");
    expect(stream.replies).toEqual(["A person will be with you shortly.", "How can I help?", "Order 8 received"]);
    const { items = [] } = (await visitor.ask("messages")).body;
    expect(items.map(({ from }) => from)).toEqual(["visitor", "bot", "agent", "visitor", "visitor", "bot"]);
  }, 30_000);

  it("SECURITY: of another app, has no part in it", async () => {
    const visitor = await settle();
    const { conversationId } = (await visitor.ask("messages")).body;
    const other = house.demo.apps[1] as DemoApp;
    const path = `/api/v1/conversations/${conversationId}`;
    expect((await house.api("POST", `${path}/take`, {}, other)).status).toBe(404);
    const messages = [{ type: "text", text: "Hello" }];
    expect((await house.api("POST", `${path}/messages`, { messages }, other)).status).toBe(404);
  });
});

describe("whoever runs the channel", () => {
  it("switches it off: streams end within a second, and everything is refused at once", async () => {
    const at = await house.addChannel();
    const [visitor, silent] = [await settle(at), await begin(at)];
    const streams = [await visitor.openStream(), await silent.openStream()];
    await Promise.all(streams.map((stream) => stream.find(({ event }) => event === "ready")));
    const atMs = performance.now();
    expect((await house.api("PATCH", `/api/v1/channels/${at}`, { enabled: false })).status).toBe(200);
    await vi.waitFor(async () => expect((await visitor.ask("messages")).status).toBe(404), {
      timeout: 500,
      interval: 20,
    });
    expect((await visitor.say("order 2")).status).toBe(404);
    expect((await house.visitor(at).post("start")).status).toBe(404);
    for (const stream of streams) {
      const end = await stream.find(({ event }) => event === "end", endsWithinMs + 500);
      expect(end.atMs - atMs).toBeLessThan(endsWithinMs);
    }
    await house.api("PATCH", `/api/v1/channels/${at}`, { enabled: true });
    await vi.waitFor(async () => expect((await visitor.ask("messages")).status).toBe(200), { timeout: 1_000 });
  });

  it("ends everybody's chat: streams end within a second, tokens are refused, and who starts again is let in", async () => {
    const at = await house.addChannel();
    const [visitor, silent] = [await settle(at), await begin(at)];
    // Tokens say whole seconds.
    await wait(1_050);
    const streams = [await visitor.openStream(), await silent.openStream()];
    await Promise.all(streams.map((stream) => stream.find(({ event }) => event === "ready")));
    const atMs = performance.now();
    expect((await house.api("POST", `/api/v1/channels/${at}/visitors/end`)).status).toBe(200);
    await vi.waitFor(
      async () => {
        for (const one of [visitor, silent]) {
          expect(toOutcome(await one.ask("messages"))).toEqual([401, "visitors.session_ended"]);
        }
      },
      { timeout: 500, interval: 20 },
    );
    expect(toOutcome(await visitor.rotate("once-everybody-was-ended"))).toEqual([401, "visitors.session_ended"]);
    for (const stream of streams) {
      const end = await stream.find(({ event }) => event === "end", endsWithinMs + 500);
      expect(end.atMs - atMs).toBeLessThan(endsWithinMs);
    }
    await wait(1_050);
    const again = await begin(at);
    expect((await again.say("order 3")).status).toBe(202);
  });
});

describe("who asks for much", () => {
  it("solves a challenge first where the channel always wants it; each solution counts once and in its place", async () => {
    const at = await house.addChannel({ proofOfWork: "always" });
    const visitor = house.visitor(at);
    const asked = await visitor.post("start");
    expect(toOutcome(asked)).toEqual([429, "visitors.proof_required"]);
    expect(asked.headers["retry-after"]).toMatch(/^[1-9]/);
    const given = asked.body.proof ?? { challenge: "", difficulty: 32 };
    expect(given.difficulty).toBeLessThanOrEqual(20);
    const proof = { challenge: given.challenge, solution: solve(given) };
    const wrong = { challenge: given.challenge, solution: "wrong" };
    expect((await visitor.post("start", { proof: wrong })).status).toBe(429);
    const elsewhere = house.visitor(at, { address: drawAddress() });
    expect((await elsewhere.post("start", { proof })).status).toBe(429);
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.post("start", { proof })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 429, 429, 429, 429]);
  });

  it("is told in a plain sentence when to come back, and only who asked too much is", async () => {
    const address = drawAddress();
    const visitor = house.visitor(channelId, { address });
    await visitor.start();
    const answers: ChatAnswer[] = [];
    for (let index = 0; index < 22; index += 1) answers.push(await visitor.say(`order ${index}`));
    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(202), 429, 429]);
    const last = answers.at(-1) as ChatAnswer;
    expect(last.body.code).toBe("visitors.rate_limited");
    const seconds = Number(last.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(`${last.body.title} ${last.body.detail}`).toMatch(/wait a moment/i);
    expect(last.headers["access-control-allow-origin"]).toBe(shop);
    expect(last.headers["access-control-expose-headers"]).toMatch(/Retry-After/);
    // Somebody else on the same network goes on.
    const neighbour = await house.visitor(channelId, { address }).start();
    expect((await neighbour.say("order 1")).status).toBe(202);
  }, 60_000);

  it("opens five streams and not a sixth, and may again once one is closed", async () => {
    const visitor = await begin();
    const streams = await Promise.all(Array.from({ length: 5 }, () => visitor.openStream()));
    expect(streams.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const sixth = await visitor.openStream();
    expect([sixth.status, sixth.headers["retry-after"]]).toEqual([429, "10"]);
    streams[0]?.close();
    await vi.waitFor(async () => expect((await visitor.openStream()).status).toBe(200), {
      timeout: 2_000,
      interval: 50,
    });
  });
});

describe("the server", () => {
  it("stops with open streams: each is told so, and none holds it up", async () => {
    const visitors = [await begin(), await begin()];
    const streams = await Promise.all(visitors.map((visitor) => visitor.openStream()));
    await Promise.all(streams.map((stream) => stream.find(({ event }) => event === "ready")));
    const atMs = performance.now();
    const stopping = house.stopAndStart();
    await Promise.all(streams.map((stream) => stream.ended));
    expect(performance.now() - atMs).toBeLessThan(3_000);
    for (const { events } of streams)
      expect(events.at(-1)).toMatchObject({ event: "end", data: { reason: "stopping" } });
    expect(await stopping).toBe(0);
  }, 30_000);
});
