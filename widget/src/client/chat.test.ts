import { beforeEach, describe, expect, it, vi } from "vitest";
import "./proof.ts";
import { createFakeBrowser, type FakeBrowser } from "./testing/fake-browser.ts";
import { createFakeClock, type FakeClock } from "./testing/fake-clock.ts";
import { FakeServer, type Recorded } from "./testing/fake-server.ts";
import type { Chat, Message, Upload } from "./types.ts";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;

beforeEach(() => {
  clock = createFakeClock();
  server = new FakeServer(clock);
  browser = createFakeBrowser({ clock, server });
});

const toText = ({ content }: Message) => ("text" in content ? content.text : content.type);
const textsOf = (chat: Chat) => chat.getState().messages.map(toText);
const paths = () => server.calls.map(({ method, path }) => `${method} ${path.replace(/msg_\w+/g, "msg")}`);
const isSend = ({ method, path }: Recorded) => method === "POST" && path === "/messages";
const minutes = (count: number) => count * 60_000;

async function openChat(options = {}) {
  const tab = browser.openTab(options);
  tab.chat.open();
  await clock.advance(1_000);
  return tab;
}

describe("the session", () => {
  it("asks nothing of the server before the panel is opened", async () => {
    browser.openTab();
    await clock.advance(minutes(5));
    expect(server.calls).toEqual([]);
  });

  it("starts when opened, and opens no stream before something was said", async () => {
    const { chat } = await openChat();
    expect(chat.getState()).toMatchObject({ phase: "ready", isLoaded: true, connection: "online", nonce: "nonce-1" });
    expect(paths()).toEqual(["POST /start"]);
  });

  it("shows a message at once, then as sent, then the answer", async () => {
    server.repliesAs = (text) => `you said ${text}`;
    const { chat } = await openChat();
    chat.send("hello");
    expect(chat.getState().messages).toMatchObject([{ status: "sending", from: "visitor" }]);
    const [{ key } = { key: "" }] = chat.getState().messages;
    await clock.advance(1_000);
    expect(textsOf(chat)).toEqual(["hello", "you said hello"]);
    expect(chat.getState().messages[0]).toMatchObject({
      key,
      status: "sent",
      messageId: expect.stringMatching(/^msg_/),
    });
    server.say("agent", "live");
    await clock.advance(10);
    expect(textsOf(chat)).toEqual(["hello", "you said hello", "live"]);
  });

  it("takes up the conversation after a reload, without starting again", async () => {
    const first = await openChat();
    first.chat.send("one");
    await clock.advance(1_000);
    first.crash();
    server.say("bot", "two");
    server.calls.length = 0;
    const { chat } = browser.openTab();
    await clock.advance(1_000);
    expect(textsOf(chat)).toEqual(["one", "two"]);
    expect(chat.getState()).toMatchObject({ phase: "ready", isOpen: false, unread: 1 });
    expect(paths()).toEqual(["GET /messages?first=50", "GET /stream?after=msg"]);
  });

  it("rotates a token that is about to expire before the next call", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(minutes(16));
    chat.send("two");
    await clock.advance(1_000);
    expect(server.only).toMatchObject({ generation: 1, end: undefined });
    expect(textsOf(chat)).toEqual(["one", "two"]);
  });

  it("repeats a rotation whose answer was lost under the same id, before anything else, even after a reload", async () => {
    const tab = await openChat();
    tab.chat.send("one");
    server.fate = ({ path }) => (path === "/token" ? "unanswered" : "pass");
    await clock.advance(minutes(14.5));
    tab.chat.send("two");
    await clock.advance(100);
    tab.crash();
    server.fate = () => "pass";
    const asked = server.calls.filter(({ path }) => path === "/token").map(({ body }) => body.rotationId);
    server.calls.length = 0;
    const { chat } = browser.openTab();
    await clock.advance(minutes(1));
    expect(server.calls[0]).toMatchObject({ path: "/token", body: { rotationId: asked[0] } });
    expect(new Set(asked).size).toBe(1);
    expect(server.only).toMatchObject({ generation: 1, end: undefined });
    expect(textsOf(chat)).toEqual(["one", "two"]);
  });

  it.each([true, false])(
    "lets two tabs whose token runs out together rotate once (Web Locks: %s)",
    async (hasWebLocks) => {
      browser = createFakeBrowser({ clock, server, hasWebLocks });
      const [one, two] = [await openChat(), await openChat()];
      one.chat.send("a");
      await clock.advance(minutes(16));
      one.chat.send("b");
      two.chat.send("c");
      await clock.advance(minutes(1));
      expect(server.visitors.size).toBe(1);
      expect(server.only).toMatchObject({ generation: 1, end: undefined });
      expect(textsOf(one.chat)).toEqual(["a", "b", "c"]);
      expect(textsOf(two.chat)).toEqual(["a", "b", "c"]);
    },
  );

  it("says plainly that a reused token ended the chat, keeps what was said in view and starts again on demand", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    const ended = vi.fn<(detail: { reason: string }) => void>();
    chat.on("ended", ended);
    server.only.end = "visitors.token_reused";
    server.cut();
    await clock.advance(minutes(1));
    expect(chat.getState()).toMatchObject({ phase: "ended", endReason: "reused" });
    expect(textsOf(chat)).toEqual(["one"]);
    expect(ended).toHaveBeenCalledExactlyOnceWith({ reason: "reused" });
    const calls = server.calls.length;
    await clock.advance(minutes(30));
    expect(server.calls.length).toBe(calls);
    chat.restart();
    await clock.advance(1_000);
    chat.send("again");
    await clock.advance(1_000);
    expect(textsOf(chat)).toEqual(["again"]);
  });

  it("ends with a notice when the channel is switched off", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    server.isOff = true;
    server.cut();
    await clock.advance(minutes(1));
    expect(chat.getState()).toMatchObject({ phase: "ended", endReason: "disabled" });
  });

  it("begins another session in silence when one in which nothing was said has run out", async () => {
    const { chat } = await openChat();
    await clock.advance(minutes(40));
    chat.send("late");
    await clock.advance(5_000);
    expect(chat.getState().phase).toBe("ready");
    expect(textsOf(chat)).toEqual(["late"]);
  });

  it("solves the proof of work that a start is asked for, and gives it up when the panel is closed", async () => {
    server.difficulty = 8;
    const { chat } = await openChat();
    expect(chat.getState()).toMatchObject({ phase: "ready", isProving: false });
    // Hashing takes time here: the clock moves a little whenever it is looked at.
    let passed = 0;
    const { now } = clock;
    const moving = Object.assign(clock, { now: () => now() + passed++ });
    browser = createFakeBrowser({ clock: moving, server });
    server.difficulty = 26;
    const second = browser.openTab().chat;
    second.open();
    await clock.advance(20);
    expect(second.getState().isProving).toBe(true);
    second.close();
    await clock.advance(1_000);
    expect(second.getState()).toMatchObject({ phase: "idle", isProving: false });
  });

  it("keeps nothing in the browser before the visitor consents, and sends the consent with the message", async () => {
    const { chat } = await openChat({ consentRequired: true });
    expect(chat.send("early")).toBe(false);
    expect(browser.shelf.list("parley")).toEqual([]);
    chat.acceptConsent();
    expect(chat.send("hello")).toBe(true);
    await clock.advance(1_000);
    expect(server.calls.find(isSend)?.body).toMatchObject({ consent: true, text: "hello" });
    expect(browser.shelf.list("parley")).not.toEqual([]);
    const reloaded = browser.openTab({ consentRequired: true });
    await clock.advance(1_000);
    expect(reloaded.chat.getState().needsConsent).toBe(false);
    expect(textsOf(reloaded.chat)).toEqual(["hello"]);
  });
});

describe("sending", () => {
  it("brings the proof of work that a message is asked for", async () => {
    const { chat } = await openChat();
    const proof = { challenge: "c-2", difficulty: 6 };
    const asking = () => new Response(JSON.stringify({ code: "visitors.proof_required", proof }), { status: 429 });
    server.fate = (call) => (isSend(call) && call.body.proof === undefined ? asking() : "pass");
    chat.send("one");
    await clock.advance(1_000);
    expect(server.calls.findLast(isSend)?.body.proof).toEqual({
      challenge: "c-2",
      solution: expect.stringMatching(/^\d+$/),
    });
    expect(textsOf(chat)).toEqual(["one"]);
  });

  it("drops what belonged to an ended chat when the next one begins", async () => {
    const { chat } = await openChat();
    server.fate = ({ path }) => (path.startsWith("/messages?") ? "lost" : "pass");
    chat.send("accepted, never seen again");
    await clock.advance(1_000);
    expect(chat.getState().messages).toMatchObject([{ status: "sent" }]);
    await settled(chat.end());
    server.fate = () => "pass";
    chat.restart();
    await clock.advance(1_000);
    expect(chat.getState()).toMatchObject({ phase: "ready", messages: [] });
  });

  it("repeats a send whose answer was lost under the same id, so that it is there once", async () => {
    const { chat } = await openChat();
    let lost = 2;
    server.fate = (call) => (isSend(call) && lost-- > 0 ? "unanswered" : "pass");
    chat.send("once");
    await clock.advance(minutes(1));
    expect(server.only.messages).toHaveLength(1);
    expect(new Set(server.calls.filter(isSend).map(({ body }) => body.clientId)).size).toBe(1);
    expect(textsOf(chat)).toEqual(["once"]);
  });

  it("waits as long as a limit asks, shows it, and keeps the order", async () => {
    const { chat } = await openChat();
    let isLimited = true;
    const limit = () => new Response('{"code":"api.rate_limited"}', { status: 429, headers: { "Retry-After": "20" } });
    server.fate = (call) => (isSend(call) && isLimited ? limit() : "pass");
    chat.send("one");
    chat.send("two");
    await clock.advance(100);
    isLimited = false;
    chat.send("three");
    expect(chat.getState().problem).toMatchObject({ code: "api.rate_limited", retryAt: expect.any(Number) });
    await clock.advance(18_000);
    expect(server.calls.filter(isSend)).toHaveLength(1);
    await clock.advance(3_000);
    expect(server.only.messages.map(({ content }) => (content as { text: string }).text)).toEqual([
      "one",
      "two",
      "three",
    ]);
    expect(chat.getState().problem).toBeUndefined();
  });

  it("shows a refused message as failed with the reason, goes on with the next and tries again on demand", async () => {
    const { chat } = await openChat();
    chat.send("forbidden");
    chat.send("fine");
    await clock.advance(1_000);
    expect(textsOf(chat)).toEqual(["fine", "forbidden"]);
    const failed = chat.getState().messages[1] as Message;
    expect(failed).toMatchObject({ status: "failed", problem: { code: "visitors.not_offered", detail: "No." } });
    chat.retry(failed.key);
    expect(chat.getState().messages[1]).toMatchObject({ status: "sending" });
    await clock.advance(1_000);
    chat.discard(failed.key);
    expect(textsOf(chat)).toEqual(["fine"]);
  });

  it("sends what waited when the tab was closed offline, in order, after it is opened again", async () => {
    const tab = await openChat();
    tab.chat.send("zero");
    await clock.advance(1_000);
    browser.isOnline = false;
    tab.chat.send("one");
    tab.chat.send("two");
    await clock.advance(5_000);
    tab.crash();
    browser.isOnline = true;
    const { chat } = browser.openTab();
    await clock.advance(5_000);
    expect(textsOf(chat)).toEqual(["zero", "one", "two"]);
    expect(chat.getState().messages.map(({ status }) => status)).toEqual(["sent", "sent", "sent"]);
  });

  it("uploads a file and sends it as a message", async () => {
    const { chat } = await openChat();
    const seen: Upload[] = [];
    chat.subscribe(() => void seen.push(...chat.getState().uploads));
    chat.upload(new File(["abc"], "a b.png", { type: "image/png" }), "look");
    // What sends files is loaded with the first one.
    await vi.waitFor(() => expect(seen[0]).toMatchObject({ name: "a b.png", bytes: 3, kind: "image" }), 10_000);
    await clock.advance(1_000);
    expect(paths()).toContain("POST /files?name=a%20b.png");
    expect(server.calls.find(isSend)?.body).toMatchObject({ type: "file", fileId: "fil_1", text: "look" });
    expect(chat.getState()).toMatchObject({ uploads: [], messages: [{ content: { type: "image" } }] });
  });
});

describe("the stream", () => {
  it("loses nothing over 30 seconds without network and comes back at once when woken", async () => {
    const tab = await openChat();
    const { chat } = tab;
    chat.send("before");
    await clock.advance(1_000);
    browser.isOnline = false;
    server.cut();
    await clock.advance(5_000);
    server.say("bot", "missed");
    chat.send("typed offline");
    await clock.advance(25_000);
    expect(chat.getState().connection).toBe("offline");
    browser.isOnline = true;
    tab.wake();
    await clock.advance(200);
    expect(chat.getState().connection).toBe("online");
    expect(textsOf(chat)).toEqual(["before", "missed", "typed offline"]);
  });

  it("takes a stream for dead that is silent for 35 seconds", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    const { streams, messages } = server.only;
    // The connection is gone and nobody says so.
    streams.clear();
    server.say("bot", "two");
    expect(messages).toHaveLength(2);
    await clock.advance(30_000);
    expect(textsOf(chat)).toEqual(["one"]);
    await clock.advance(10_000);
    expect(textsOf(chat)).toEqual(["one", "two"]);
  });

  it("shows each message once and in order, however often and in whatever order it is told", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    const visitor = server.only;
    const [early, late] = [server.nextId(), server.nextId()];
    const tell = (messageId: string, text: string) =>
      server.emit(visitor, "message", {
        messageId,
        from: "bot",
        at: new Date(0).toISOString(),
        content: { type: "text", text },
      });
    tell(late, "late");
    tell(early, "early");
    tell(late, "late");
    await clock.advance(10);
    expect(textsOf(chat)).toEqual(["one", "early", "late"]);
  });

  it("finds a message that became visible after a later one, at the next connection", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    const visitor = server.only;
    const slow = server.nextId();
    server.say("bot", "quick");
    await clock.advance(10);
    visitor.messages.push({ messageId: slow, from: "bot", at: "", content: { type: "text", text: "slow" } });
    server.cut();
    await clock.advance(5_000);
    expect(textsOf(chat)).toEqual(["one", "slow", "quick"]);
  });

  it("raises delivery states and never lowers them", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    const [{ messageId } = { messageId: "" }] = server.only.messages;
    for (const status of ["read", "delivered", "nonsense"]) server.emit(server.only, "status", { messageId, status });
    await clock.advance(10);
    expect(chat.getState().messages[0]?.status).toBe("read");
  });

  it("shows who types until the message comes or ten seconds are over, and who has taken over", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    server.emit(server.only, "typing", { from: "agent", isTyping: true });
    server.emit(server.only, "mode", { mode: "live", agentName: "Grace" });
    await clock.advance(10);
    expect(chat.getState()).toMatchObject({ typing: "agent", mode: "agent", agentName: "Grace" });
    server.say("agent", "hi");
    await clock.advance(10);
    expect(chat.getState().typing).toBeUndefined();
    server.emit(server.only, "typing", { from: "agent", isTyping: true });
    await clock.advance(11_000);
    expect(chat.getState().typing).toBeUndefined();
  });

  it("survives every kind of nonsense from the server", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    const [id, second] = [server.nextId(), server.nextId()];
    const junk = [
      null,
      1,
      [],
      {},
      { messageId: 1 },
      { messageId: "msg_x" },
      { messageId: id, content: { type: "hologram" } },
    ];
    for (const data of junk)
      for (const name of ["message", "status", "mode", "typing", "end", "odd"]) server.emit(server.only, name, data);
    server.emit(server.only, "message", {
      messageId: second,
      from: "alien",
      content: { type: "carousel", cards: [1, {}] },
    });
    await clock.advance(10);
    expect(chat.getState().messages.slice(1)).toMatchObject([
      { from: "system", content: { type: "unknown" } },
      { from: "system", content: { type: "carousel", cards: [] } },
    ]);
  });

  it("pages back through history without a gap", async () => {
    const { chat } = await openChat();
    chat.send("first");
    await clock.advance(1_000);
    chat.destroy();
    for (let i = 0; i < 120; i += 1) server.say("bot", `m${i}`);
    const again = await openChat();
    expect(again.chat.getState()).toMatchObject({ hasOlder: true, isLoaded: true });
    while (again.chat.getState().hasOlder) {
      again.chat.loadOlder();
      again.chat.loadOlder();
      await clock.advance(100);
    }
    expect(textsOf(again.chat)).toEqual(["first", ...Array.from({ length: 120 }, (_, i) => `m${i}`)]);
  });
});

describe("several tabs", () => {
  it.each([true, false])("show the same messages once, with one session (Web Locks: %s)", async (hasWebLocks) => {
    browser = createFakeBrowser({ clock, server, hasWebLocks });
    server.repliesAs = (text) => `re ${text}`;
    const [one, two] = [browser.openTab(), browser.openTab()];
    one.chat.open();
    two.chat.open();
    await clock.advance(2_000);
    one.chat.send("a");
    await clock.advance(2_000);
    two.chat.send("b");
    await clock.advance(2_000);
    expect(server.visitors.size).toBe(1);
    for (const { chat } of [one, two]) expect(textsOf(chat)).toEqual(["a", "re a", "b", "re b"]);
  });

  it("show what another tab is sending, and what it has read", async () => {
    const [one, two] = [await openChat(), await openChat()];
    one.chat.send("a");
    await clock.advance(1_000);
    browser.isVisible = false;
    server.say("bot", "b");
    await clock.advance(10);
    expect(two.chat.getState().unread).toBe(1);
    browser.isVisible = true;
    one.chat.markRead();
    await clock.advance(1_000);
    two.chat.close();
    expect(two.chat.getState().unread).toBe(0);
    expect(server.calls.filter(({ path }) => path === "/read")).toHaveLength(1);
    server.fate = (call) => (isSend(call) ? "lost" : "pass");
    one.chat.send("c");
    await clock.advance(10);
    expect(two.chat.getState().messages.at(-1)).toMatchObject({ status: "sending", content: { text: "c" } });
  });

  it("end together, and begin again together", async () => {
    const [one, two] = [await openChat(), await openChat()];
    one.chat.send("a");
    await clock.advance(1_000);
    expect(await settled(one.chat.end())).toEqual({ isDone: true });
    for (const { chat } of [one, two]) expect(chat.getState()).toMatchObject({ phase: "ended", endReason: "ended" });
    two.chat.restart();
    await clock.advance(1_000);
    for (const { chat } of [one, two]) expect(chat.getState()).toMatchObject({ phase: "ready", messages: [] });
  });
});

/** The value of a promise that needs the clock to move. */
async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  const [value] = await Promise.all([promise, clock.advance(2_000)]);
  return value;
}

describe("identity", () => {
  it("changes to the verified visitor's conversation and never mixes the two", async () => {
    const { chat } = await openChat({ identity: "optional" });
    chat.send("anonymous words");
    const outcome = await settled(chat.identify("good"));
    expect(outcome).toEqual({ isDone: true });
    expect(chat.getState()).toMatchObject({ isVerified: true, name: "Ada", messages: [] });
    chat.send("verified words");
    await clock.advance(1_000);
    const [anonymous, verified] = [...server.visitors.values()];
    expect(anonymous?.messages.map(({ content }) => content)).toEqual([{ type: "text", text: "anonymous words" }]);
    expect(verified?.messages.map(({ content }) => content)).toEqual([{ type: "text", text: "verified words" }]);
    expect(chat.getState().messages.map(toText)).toEqual(["verified words"]);
  });

  it("holds an identity back until the visitor consents, and then says that they did", async () => {
    const { chat } = await openChat({ identity: "optional", consentRequired: true });
    const outcome = chat.identify("good");
    await clock.advance(5_000);
    const isIdentify = ({ path }: { path: string }) => path === "/identify";
    expect(server.calls.filter(isIdentify)).toEqual([]);
    chat.acceptConsent();
    expect(await settled(outcome)).toEqual({ isDone: true });
    expect(server.calls.find(isIdentify)?.body).toEqual({ jwt: "good", consent: true });
    expect(chat.getState()).toMatchObject({ isVerified: true, needsConsent: false });
  });

  it("holds back what is typed until an identity is given where the channel requires one", async () => {
    const { chat } = await openChat({ identity: "required" });
    chat.send("held");
    await clock.advance(minutes(1));
    expect(server.calls.filter(isSend)).toEqual([]);
    expect((await settled(chat.identify("bad"))).isDone).toBe(false);
    expect(chat.getState().phase).toBe("ready");
    await settled(chat.identify("good"));
    await clock.advance(1_000);
    expect(textsOf(chat)).toEqual(["held"]);
  });
});

describe("what goes out", () => {
  it("tells typing at most every four seconds and once that it stopped", async () => {
    const { chat } = await openChat();
    chat.send("one");
    await clock.advance(1_000);
    for (let i = 0; i < 10; i += 1) {
      chat.typing(true);
      await clock.advance(1_000);
    }
    await clock.advance(10_000);
    const told = server.calls.filter(({ path }) => path === "/typing").map(({ body }) => body.isTyping);
    expect(told).toEqual([true, true, true, false]);
  });

  it("names the site, sends no cookie and no referrer and follows no redirect", async () => {
    const request = vi.spyOn(server, "request");
    await openChat();
    const init = request.mock.calls[0]?.[1] as RequestInit;
    expect(init).toMatchObject({ credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
    expect(init.headers).toMatchObject({ "Parley-Site": "https://shop.example" });
  });
});
