import type { OutgoingMessage } from "@parley/engine";
import { describe, expect, it } from "vitest";
import type { FileId, MessageId, VisitorId } from "../../kernel/ids.ts";
import type { InboundMessage } from "../channels/index.ts";
import { ContentView, isOffered, listMedia, MessageView, type ShownMessage, toMessageView } from "./message-view.ts";

const messageId = `msg_${"1".repeat(32)}` as MessageId;
const visitorId = `vis_${"2".repeat(32)}` as VisitorId;
const fileId = `fil_${"3".repeat(32)}` as FileId;
const createdAt = new Date("2026-01-02T03:04:05.678Z");
const elsewhere = "https://cdn.example/secret-path/lamp.png";

function fromVisitor(message: Partial<InboundMessage>): MessageView {
  const base = { kind: "message", platformMessageId: `${visitorId}:client-1`, externalId: "anonymous:1", type: "text" };
  const content = { direction: "inbound", message: { ...base, ...message } } as ShownMessage["content"];
  return toMessageView({ messageId, createdAt, source: "member", status: undefined, content }, visitorId);
}

function fromBot(message: OutgoingMessage, more: Partial<ShownMessage> = {}, by?: { name: string }): MessageView {
  const content = { direction: "outbound", message, ...(by && { by }) } as ShownMessage["content"];
  return toMessageView({ messageId, createdAt, source: "bot", status: "sent", content, ...more }, visitorId);
}

const samples: readonly OutgoingMessage[] = [
  { type: "text", text: "Hello" },
  { type: "image", url: elsewhere, caption: "A lamp" },
  { type: "audio", url: elsewhere },
  { type: "video", url: elsewhere },
  { type: "file", url: elsewhere, name: "guide.pdf", caption: "How to" },
  { type: "location", latitude: 1.5, longitude: -2, name: "Shop" },
  { type: "buttons", text: "Choose", buttons: [{ title: "A", payload: "a" }] },
  { type: "quickReplies", text: "Choose", replies: [{ title: "B", payload: "b" }] },
  { type: "list", text: "All", button: "Show", sections: [{ title: "S", rows: [{ title: "C", payload: "c" }] }] },
  {
    type: "carousel",
    cards: [
      { title: "One", imageUrl: elsewhere, buttons: [{ title: "D", payload: "d" }] },
      { title: "Two", text: "Without a picture", buttons: [{ title: "Shop", url: "https://shop.example/two" }] },
      { title: "Three", imageUrl: elsewhere, buttons: [] },
    ],
  },
];

describe("what a bot says, as its visitor sees it", () => {
  it.each(samples.map((sample) => [sample.type, sample] as const))("fits the view: %s", (type, sample) => {
    const view = fromBot(sample);
    expect(MessageView.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
    expect(view).toMatchObject({ messageId, from: "bot", at: "2026-01-02T03:04:05.678Z", content: { type } });
  });

  it("SECURITY: CVE-2026-39970: names media by their place in the message, never by an address", () => {
    for (const sample of samples) expect(JSON.stringify(fromBot(sample))).not.toContain("cdn.example");
    expect(fromBot(samples[1] as OutgoingMessage).content).toEqual({
      type: "image",
      media: { index: 0 },
      caption: "A lamp",
    });
    const { content } = fromBot(samples[9] as OutgoingMessage);
    expect(content).toMatchObject({ cards: [{ media: { index: 0 } }, {}, { media: { index: 2 } }] });
  });

  it("numbers media as they are fetched", () => {
    expect(listMedia(samples[9] as OutgoingMessage)).toEqual([elsewhere, "", elsewhere]);
    expect(listMedia(samples[4] as OutgoingMessage)).toEqual([elsewhere]);
    expect(listMedia(samples[0] as OutgoingMessage)).toEqual([]);
  });

  it("shows an agent's name, and nobody's for the bot; a message without a status was sent", () => {
    const text = { type: "text", text: "Hello" } as const;
    expect(fromBot(text, { source: "manual" }, { name: "Ana" })).toMatchObject({ from: "agent", name: "Ana" });
    expect(fromBot(text, {}, { name: "Ana" })).not.toHaveProperty("name");
    expect(fromBot(text, { source: "system" })).toMatchObject({ from: "system" });
    for (const status of [undefined, "deleted"]) expect(fromBot(text, { status })).toMatchObject({ status: "sent" });
    expect(fromBot(text, { status: "failed" })).toMatchObject({ status: "failed" });
  });

  it("carries the page behind its link", () => {
    const preview = { url: "https://shop.example/lamp", title: "Lamp", media: { index: 99 } };
    expect(fromBot({ type: "text", text: "See" }, { preview }).preview).toEqual(preview);
    expect(fromBot({ type: "text", text: "See" })).not.toHaveProperty("preview");
  });
});

describe("what a visitor said", () => {
  it("is called as their browser called it; another browser's message has no name here", () => {
    expect(fromVisitor({ text: "Hello" })).toMatchObject({ clientId: "client-1", from: "visitor", status: "sent" });
    const foreign = fromVisitor({ text: "Hello", platformMessageId: `vis_${"9".repeat(32)}:client-1` });
    expect(foreign).not.toHaveProperty("clientId");
  });

  it("shows a choice by its title, and its payload to nobody", () => {
    const view = fromVisitor({ type: "payload", payload: "secret_node", title: "Opening hours" });
    expect(view.content).toEqual({ type: "payload", title: "Opening hours" });
    expect(JSON.stringify(view)).not.toContain("secret_node");
  });

  it("shows their own file, and what is no file of theirs as unknown", () => {
    const media = { fileId, name: "a.png", type: "image/png", bytes: 3 };
    const shown = fromVisitor({ type: "image", data: { media }, text: "Look" });
    expect(shown.content).toEqual({ type: "image", media, caption: "Look" });
    for (const data of [
      undefined,
      {},
      { media: {} },
      { media: { fileId: "../x" } },
      { media: { index: 0 } },
      [media],
    ]) {
      expect(fromVisitor({ type: "image", ...(data && { data }) }).content).toEqual({ type: "unknown" });
    }
    expect(fromVisitor({ type: "unknown" }).content).toEqual({ type: "unknown" });
  });

  it("fits the view whatever it is", () => {
    for (const message of [{ text: "x" }, { type: "payload", payload: "p" }, { type: "unknown" }] as const) {
      const view = fromVisitor(message);
      expect(MessageView.parse(view)).toEqual(view);
      expect(ContentView.safeParse(view.content).success).toBe(true);
    }
  });
});

describe("a choice", () => {
  it("is offered by its payload and title together, in every kind of message that offers any", () => {
    const offers = [
      [6, "a", "A"],
      [7, "b", "B"],
      [8, "c", "C"],
      [9, "d", "D"],
    ] as const;
    for (const [at, payload, title] of offers) {
      const sample = samples[at] as OutgoingMessage;
      expect(isOffered(sample, { payload, title })).toBe(true);
      expect(isOffered(sample, { payload, title: "other" })).toBe(false);
      expect(isOffered(sample, { payload: "other", title })).toBe(false);
    }
    // A link is no choice, and a text offers none.
    expect(isOffered(samples[9] as OutgoingMessage, { payload: "https://shop.example/two", title: "Shop" })).toBe(
      false,
    );
    expect(isOffered(samples[0] as OutgoingMessage, { payload: "Hello", title: "Hello" })).toBe(false);
  });
});
