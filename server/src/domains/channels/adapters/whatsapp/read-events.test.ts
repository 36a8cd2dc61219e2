import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isError } from "../../../../kernel/errors.ts";
import { channelErrors } from "../../errors.ts";
import type { InboundEvent } from "../../types.ts";
import { readEvents } from "./read-events.ts";

const settings = { phoneNumberId: "700100200300400", wabaId: "800100200300400" };

function read(sample: string, own: Record<string, string> = settings): readonly InboundEvent[] {
  const text = readFileSync(new URL(`./samples/${sample}.json`, import.meta.url), "utf8");
  return readEvents(JSON.parse(text), own);
}

const media = { sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" };

const contents: readonly (readonly [string, object])[] = [
  ["text", { type: "text", text: "Do you have this lamp in green?" }],
  [
    "text-reply-from-ad",
    { type: "text", data: { context: { replyTo: "wamid.OURS0001=" }, referral: { ctwa_clid: "ARA-sample-click" } } },
  ],
  ["text-about-product", { data: { context: { product: { product_retailer_id: "lamp-7" } } } }],
  ["text-forwarded", { data: { context: { forwarded: true } } }],
  [
    "image",
    {
      type: "image",
      text: "The broken part",
      data: { media: { ...media, id: "1001", mimeType: "image/jpeg", caption: "The broken part" } },
    },
  ],
  ["audio", { type: "audio", data: { media: { ...media, id: "1002", voice: true } } }],
  ["video", { type: "video", text: "It flickers", data: { media: { id: "1003" } } }],
  [
    "document",
    { type: "file", text: "Last invoice", data: { media: { id: "1004", filename: "invoice-2026-01.pdf" } } },
  ],
  ["sticker", { type: "image", data: { media: { id: "1005", kind: "sticker", mimeType: "image/webp" } } }],
  [
    "location",
    { type: "location", data: { location: { latitude: 35.6595, longitude: 139.7005, name: "Station square" } } },
  ],
  ["contacts", { type: "contacts", data: { contacts: [{ name: { formatted_name: "Ken Example" } }] } }],
  [
    "reaction",
    { type: "reaction", data: { reaction: { emoji: "👍🏽", messageId: "wamid.OURS0003=", removed: false } } },
  ],
  ["reaction-removed", { type: "reaction", data: { reaction: { emoji: null, removed: true } } }],
  ["button", { type: "payload", payload: "confirm-visit", title: "Confirm" }],
  ["interactive-button-reply", { type: "payload", payload: "size:large", title: "Large" }],
  [
    "interactive-list-reply",
    { type: "payload", payload: "ship:express", title: "Express", data: { description: "One to two days" } },
  ],
  [
    "interactive-flow-reply",
    { type: "event", eventType: "flow_reply", data: { flow: { response: { day: "2026-02-03", people: 2 } } } },
  ],
  [
    "order",
    {
      type: "event",
      eventType: "order",
      text: "Please wrap them",
      data: { order: { catalogId: "4400", items: [{ quantity: 2 }, { quantity: 4 }] } },
    },
  ],
  [
    "system-number-changed",
    {
      type: "event",
      eventType: "user_changed_number",
      externalId: "15550101001",
      data: { system: { wa_id: "15550101009" } },
    },
  ],
  [
    "edit",
    { type: "event", eventType: "message_edited", data: { edit: { original_message_id: "wamid.SAMPLE0001=" } } },
  ],
  ["revoke", { type: "event", eventType: "message_deleted" }],
  ["unsupported", { type: "unknown", data: { originalType: "unsupported", errors: [{ code: 131051 }] } }],
  ["unknown-type", { type: "unknown", data: { originalType: "hologram", content: { id: "h-1", layers: [1, 2, 3] } } }],
];

describe("messages", () => {
  it.each(contents)("reads %s into the common vocabulary", (sample, expected) => {
    const events = read(sample);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: "message", ...expected });
  });

  it("takes id, sender, name and time from the message", () => {
    expect(read("text")[0]).toEqual({
      kind: "message",
      platformMessageId: "wamid.SAMPLE0001=",
      externalId: "15550101001",
      profileName: "Mina Sample",
      sentAtMs: 1_767_225_660_000,
      type: "text",
      text: "Do you have this lamp in green?",
      data: { sender: { phone: "15550101001", waId: "15550101001" } },
    });
  });

  it("knows a member without a number by the business-scoped user id", () => {
    const [event] = read("text-user-id-only");
    expect(event).toMatchObject({ externalId: "US.70010020030040050060", profileName: "Mina Sample" });
    expect(event).toMatchObject({ data: { sender: { username: "mina.sample" } } });
  });

  it("names both ids of a member who has both", () => {
    expect(read("text-number-and-user-id")[0]).toMatchObject({
      externalId: "15550101001",
      alternateIds: ["US.70010020030040050060"],
    });
  });

  it("gives the change of a user id to the member who had it, and does not call the ids one", () => {
    const [event] = read("system-user-id-changed");
    expect(event).toMatchObject({ externalId: "US.70010020030040050060", eventType: "user_changed_user_id" });
    expect(event).not.toHaveProperty("alternateIds");
    const userIds = readFileSync(new URL("./samples/system-user-id-changed.json", import.meta.url), "utf8");
    const withSender = userIds.replace(
      '"type": "system"',
      '"type": "system", "from_user_id": "US.70010020030040050099"',
    );
    expect(readEvents(JSON.parse(withSender), settings)[0]).toMatchObject({ externalId: "US.70010020030040050060" });
    const text = readFileSync(new URL("./samples/system-number-changed.json", import.meta.url), "utf8");
    const withBoth = text.replace('"type": "system"', '"type": "system", "from_user_id": "US.1"');
    const [changed] = readEvents(JSON.parse(withBoth), settings);
    expect(changed).toMatchObject({ externalId: "15550101001", eventType: "user_changed_number" });
    expect(changed).not.toHaveProperty("alternateIds");
  });

  it("does not take a group's message for a private one", () => {
    expect(read("group-text")[0]).toMatchObject({
      type: "unknown",
      data: { groupId: "GRP-7001", content: { body: "Who orders lunch?" } },
    });
    expect(read("group-text")[0]).not.toHaveProperty("text");
  });
});

describe("statuses", () => {
  it.each([
    ["status-sent", "sent"],
    ["status-delivered", "delivered"],
    ["status-read", "read"],
    ["status-played", "read"],
    ["status-deleted", "deleted"],
    ["status-failed", "failed"],
  ])("reads %s with our reference", (sample, status) => {
    const reference = "msg_019b76da80007000800000000000000a";
    expect(read(sample)).toEqual([
      expect.objectContaining({ kind: "status", status, reference, externalId: "15550101001" }),
    ]);
  });

  it("tells the builder what to do about a failure", () => {
    expect(read("status-failed")[0]).toMatchObject({
      errorCode: "131047",
      errorText: expect.stringContaining("Only a template"),
    });
  });

  it("reads a status without a number", () => {
    expect(read("status-user-id-only")[0]).toMatchObject({ externalId: "US.70010020030040050060" });
  });

  it("leaves out a reference that is not an id, since other senders use that field too", () => {
    const text = readFileSync(new URL("./samples/status-sent.json", import.meta.url), "utf8");
    const events = readEvents(
      JSON.parse(text.replace("msg_019b76da80007000800000000000000a", "x".repeat(600))),
      settings,
    );
    expect(events[0]).not.toHaveProperty("reference");
  });

  it("turns an unknown status into a notice", () => {
    expect(read("status-unknown")).toEqual([
      expect.objectContaining({ kind: "notice", code: "whatsapp.unread_status" }),
    ]);
  });
});

describe("notices", () => {
  it.each([
    ["errors", "whatsapp.error_130429", "too many messages"],
    [
      "template-status",
      "whatsapp.message_template_status_update",
      "event PAUSED, message template name visit_reminder",
    ],
    ["account-alert", "whatsapp.account_alerts", "alert severity WARNING"],
    ["number-quality", "whatsapp.phone_number_quality_update", "current limit TIER_1K"],
    ["user-preferences", "whatsapp.user_preferences", "a notice of the kind user_preferences"],
    ["user-action", "whatsapp.unread_change", "user_actions"],
  ])("reads %s", (sample, code, text) => {
    expect(read(sample)).toEqual([
      expect.objectContaining({ kind: "notice", code, text: expect.stringContaining(text) }),
    ]);
  });

  it("gives the same notice the same key, and another one another", () => {
    const key = (sample: string): string => (read(sample)[0] as { noticeKey: string }).noticeKey;
    expect(key("template-status")).toBe(key("template-status"));
    expect(key("template-status")).not.toBe(key("account-alert"));
  });

  it("quotes no word of a member's", () => {
    expect(JSON.stringify(read("user-preferences"))).not.toMatch(/Mina|15550101001|stop/);
  });

  it("leaves aside notices of another account once the channel knows its own", () => {
    expect(read("template-status", { ...settings, wabaId: "1" })).toEqual([
      expect.objectContaining({ kind: "notice", code: "whatsapp.foreign_account" }),
    ]);
    expect(read("template-status", { phoneNumberId: "1" })[0]).toMatchObject({
      code: "whatsapp.message_template_status_update",
    });
  });
});

describe("another number behind the same Meta app", () => {
  it("creates no member and no message for a signed event of another number, and says why", () => {
    const events = read("foreign-number");
    expect(events).toEqual([expect.objectContaining({ kind: "notice", code: "whatsapp.foreign_number" })]);
    expect(JSON.stringify(events)).not.toMatch(/Stranger|15550109999|Not for this channel/);
  });

  it("never yields a message, whichever sample arrives for another number", () => {
    for (const [sample] of contents) {
      expect(read(sample, { phoneNumberId: "1" }).map((event) => event.kind)).toEqual(["notice"]);
    }
  });

  it("does not even read the content: a malformed message of another number is no error here", () => {
    const value = { metadata: { phone_number_id: "2" }, messages: "nonsense" };
    const body = { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value }] }] };
    expect(readEvents(body, settings)).toHaveLength(1);
  });

  it("takes its own events of a mixed batch, in order", () => {
    const events = read("batch").map((event) =>
      event.kind === "notice" ? event.code : event.kind === "status" ? event.status : (event.text ?? event.type),
    );
    expect(events).toEqual([
      "First",
      "Second",
      "sent",
      "delivered",
      "whatsapp.foreign_number",
      "image",
      "whatsapp.message_template_status_update",
    ]);
    expect(read("batch")[1]).toMatchObject({ externalId: "15550102002", profileName: "Ken Example" });
  });

  it("reads nothing for a channel without a number", () => {
    let thrown: unknown;
    try {
      read("text", {});
    } catch (error) {
      thrown = error;
    }
    expect(isError(thrown, channelErrors.incomplete)).toBe(true);
  });
});

it("keeps a message of a known type whose content has changed as unknown", () => {
  for (const [type, content] of [
    ["text", { body: "" }],
    ["image", {}],
    ["location", { latitude: 91, longitude: 0 }],
    ["contacts", []],
    ["interactive", { type: "button_reply" }],
    ["interactive", { type: "button_reply", button_reply: { id: "x".repeat(1025) } }],
    ["constructor", {}],
    ["__proto__", null],
  ] as const) {
    const message = { id: "m", from: "1", timestamp: 1_767_225_600, type, [type]: content };
    const value = { metadata: { phone_number_id: settings.phoneNumberId }, messages: [message] };
    const body = { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value }] }] };
    expect(readEvents(body, settings)).toEqual([
      expect.objectContaining({ kind: "message", type: "unknown", sentAtMs: 1_767_225_600_000 }),
    ]);
  }
});
