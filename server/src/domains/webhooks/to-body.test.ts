import type { OutgoingMessage } from "@parley/engine";
import { describe, expect, it } from "vitest";
import { newId } from "../../platform/crypto/random.ts";
import type { InboundMessage, InboundStatus } from "../channels/index.ts";
import type { MessageEvent } from "../conversations/index.ts";
import { toOutgoing, WireMessage } from "../conversations/wire-message.ts";
import { toBody } from "./to-body.ts";

const appId = newId("app");
const ids = { channelId: newId("channel"), memberId: newId("member"), conversationId: newId("conversation") };
const eventId = newId("event");
const messageId = newId("message");
const common = { ...ids, channelSettings: {}, atMs: 1_599_536_864_123, correlationId: "c-1" };
const names = { member: ids.memberId, channel: ids.channelId, app: appId, memberExtraData: {} };
const where = { conversationId: ids.conversationId, correlationId: "c-1" };

function toInbound(message: Partial<InboundMessage>, channelSettings: Record<string, string> = {}): MessageEvent {
  const base = {
    kind: "message",
    platformMessageId: "wamid.1",
    externalId: "85260903521",
    sentAtMs: 1,
    type: "text",
  } as const;
  return {
    ...common,
    kind: "inbound",
    eventId,
    channelSettings,
    message: { ...base, ...message },
    profile: { fields: {} },
  };
}

function toOutbound(message: OutgoingMessage, source: "bot" | "manual" = "bot"): MessageEvent {
  const rest = { messageId, source, externalId: "85260903521", message, platformMessageId: "wamid.2" };
  return { ...common, kind: "outbound", ...rest };
}

function toStatus(status: Partial<InboundStatus>): MessageEvent {
  const base = { kind: "status", platformMessageId: "wamid.2", externalId: "852", status: "read", atMs: 1 } as const;
  return { ...common, kind: "status", eventId, messageId, status: { ...base, ...status } };
}

describe("the body of an inbound message", () => {
  it("has the documented fields, milliseconds, and the phone number id as the address", () => {
    expect(toBody(toInbound({ text: "Hello" }, { phoneNumberId: "106555" }), appId)).toEqual({
      ...{ eventType: "INBOUND", type: "TEXT", from: "85260903521", to: "106555", timestamp: 1_599_536_864_123 },
      ...{ data: { text: "Hello" }, messageId: "wamid.1", ...names, meta: { eventId, ...where } },
    });
  });

  it("is addressed to the channel where the platform has no number", () => {
    expect(toBody(toInbound({}), appId)["to"]).toBe(ids.channelId);
  });

  const media = { id: "m-1", mimeType: "image/jpeg" };
  const place = { latitude: 22.3, longitude: 114.2 };
  it.each<[Partial<InboundMessage>, string, unknown]>([
    [{ type: "text", text: "a" }, "TEXT", { text: "a" }],
    [{ type: "payload", payload: "YES", title: "Yes" }, "PAYLOAD", { payload: "YES", title: "Yes" }],
    [{ type: "image", text: "look", data: { media } }, "IMAGE", { media, text: "look" }],
    [{ type: "audio", data: { media } }, "AUDIO", { media }],
    [{ type: "video", data: { media } }, "VIDEO", { media }],
    [{ type: "file", data: { media } }, "FILE", { media }],
    [{ type: "location", data: { location: place } }, "LOCATION", { location: place }],
    [{ type: "contacts", data: { contacts: [] } }, "CONTACTS", { contacts: [] }],
    [{ type: "reaction", data: { reaction: { emoji: "!" } } }, "REACTION", { reaction: { emoji: "!" } }],
    [{ type: "event", eventType: "order" }, "EVENT", { eventType: "order" }],
    [{ type: "unknown", data: [1] }, "UNKNOWN", { value: [1] }],
    [{ type: "text", text: "real", data: { text: "other" } }, "TEXT", { text: "real" }],
    [{ type: "unknown" }, "UNKNOWN", {}],
  ])("%j is %s", (message, type, data) => {
    expect(toBody(toInbound(message), appId)).toMatchObject({ type, eventType: "INBOUND" });
    expect(toBody(toInbound(message), appId)["data"]).toEqual(data);
  });
});

describe("the body of a status", () => {
  it.each([
    ["sent", "SENT"],
    ["delivered", "DELIVERED"],
    ["read", "READ"],
    ["deleted", "DELETED"],
  ] as const)("%s is %s, about the platform's message id", (status, type) => {
    expect(toBody(toStatus({ status }), appId)).toEqual({
      ...{ eventType: "STATUS", type, from: "852", to: ids.channelId, timestamp: common.atMs },
      ...{ data: { messageId: "wamid.2" }, messageId: "wamid.2", ...names, meta: { eventId, messageId, ...where } },
    });
  });

  it("FAILED says why", () => {
    const status = { status: "failed", errorCode: "131047", errorText: "Re-engagement message" } as const;
    const data = { messageId: "wamid.2", errorCode: "131047", errorText: "Re-engagement message" };
    expect(toBody(toStatus(status), appId)).toMatchObject({ type: "FAILED", data });
  });
});

describe("the body of an outbound message", () => {
  it("says who spoke at the top and what was said in messageEvent", () => {
    const said = {
      from: ids.channelId,
      to: "85260903521",
      timestamp: common.atMs,
      data: { text: "Hi" },
      messageId: "wamid.2",
    };
    expect(toBody(toOutbound({ type: "text", text: "Hi" }), appId)).toEqual({
      ...{ eventType: "OUTBOUND", type: "BOT", ...said, ...names },
      meta: { messageId, ...where, source: { integrationId: "bot" } },
      messageEvent: { ...said, type: "TEXT" },
    });
  });

  it("is MANUAL when a person or the API sent it", () => {
    expect(toBody(toOutbound({ type: "text", text: "Hi" }, "manual"), appId)).toMatchObject({ type: "MANUAL" });
  });

  it("names our id when the platform gave none", () => {
    const event = { ...toOutbound({ type: "text", text: "Hi" }), platformMessageId: undefined } as MessageEvent;
    expect(toBody(event, appId)).toMatchObject({ messageId, messageEvent: { messageId } });
  });

  const replies = [{ title: "Yes", payload: "YES" }];
  const url = "https://a.example/1";
  const fileId = newId("file");
  const place = { latitude: 22.25, longitude: -114.5, name: "Shop" };
  const list = { text: "Choose", button: "Open", sections: [{ title: "A", rows: replies }, { rows: replies }] };
  const card = { title: "Lamp", text: "Warm", buttons: [...replies, { title: "More", url }] };
  it.each<[OutgoingMessage, string, unknown]>([
    [{ type: "audio", url }, "AUDIO", { url }],
    [{ type: "video", url, caption: "c" }, "VIDEO", { url, caption: "c" }],
    [{ type: "file", url, name: "n.pdf", caption: "c" }, "FILE", { url, name: "n.pdf", caption: "c" }],
    [{ type: "location", ...place }, "LOCATION", place],
    [{ type: "list", ...list }, "LIST", list],
    [{ type: "carousel", cards: [{ ...card, imageUrl: url }] }, "CAROUSEL", { cards: [{ ...card, imageUrl: url }] }],
    [
      { type: "carousel", cards: [{ ...card, imageUrl: `file:${fileId}` }] },
      "CAROUSEL",
      { cards: [{ ...card, imageFileId: fileId }] },
    ],
    ...(["image", "audio", "video", "file"] as const).map((type): [OutgoingMessage, string, unknown] => [
      { type, url: `file:${fileId}` },
      type.toUpperCase(),
      { fileId },
    ]),
    [{ type: "image", url: "https://a.example/i.png" }, "IMAGE", { url: "https://a.example/i.png" }],
    [
      { type: "image", url: "https://a.example/i", caption: "c" },
      "IMAGE",
      { url: "https://a.example/i", caption: "c" },
    ],
    [{ type: "buttons", text: "Well?", buttons: replies }, "BUTTONS", { text: "Well?", buttons: replies }],
    [{ type: "quickReplies", text: "Well?", replies }, "QUICK_REPLIES", { text: "Well?", replies }],
  ])("%j is %s, and could be sent again as it is told", (message, type, data) => {
    const said = toBody(toOutbound(message), appId)["messageEvent"] as Record<string, unknown>;
    expect(said["type"]).toBe(type);
    expect(said["data"]).toEqual(data);
    expect(toOutgoing(WireMessage.parse({ type, ...(data as object) }))).toEqual(message);
  });
});
