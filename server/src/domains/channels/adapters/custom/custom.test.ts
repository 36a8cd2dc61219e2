import type { OutgoingMessage } from "@parley/engine";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isError } from "../../../../kernel/errors.ts";
import type { SendTarget } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";
import { customAdapter } from "./adapter.ts";

const { isAuthentic, readEvents, readVerdict, renderRequest } = customAdapter;
const secret = "whsec_c2FtcGxlLXNlY3JldC1mb3ItdGVzdHMtMTIzNDU2Nzg=";
const credentials = { channelSecret: secret };
const nowMs = 1_767_225_600_000;
const body = Buffer.from('{"a":1}');

function standard(id: string, atMs: number, own = secret): Record<string, string> {
  const signature = new Webhook(own).sign(id, new Date(atMs), body);
  return { "webhook-id": id, "webhook-timestamp": String(Math.floor(atMs / 1000)), "webhook-signature": signature };
}

function accepts(headers: Record<string, string>): boolean {
  return isAuthentic({ headers, body, receivedAtMs: nowMs }, credentials);
}

/** Made by another tool: openssl dgst -sha256 -hmac "$secret" -binary | base64 */
const simple = { "x-woztell-signature": "MOrh5xzb2klQEPIedFdl4baznNqfXHzeyB8vfnqfJBQ=" };

describe("who may speak", () => {
  it("accepts the plain HMAC with the secret as it is printed", () => {
    expect(accepts(simple)).toBe(true);
  });

  it("does not fall back to the header without a time when Standard Webhooks headers are there", () => {
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      expect(accepts({ ...simple, [name]: "1" })).toBe(false);
      expect(accepts({ ...simple, [name]: "" })).toBe(false);
    }
    expect(accepts({ ...simple, ...standard("evt_1", nowMs - 301_000) })).toBe(false);
    expect(accepts({ ...simple, ...standard("evt_1", nowMs) })).toBe(true);
  });

  it("accepts a time at most five minutes away, either way", () => {
    for (const distanceMs of [0, 299_000, 300_000]) {
      expect(accepts(standard("evt_1", nowMs - distanceMs))).toBe(true);
      expect(accepts(standard("evt_1", nowMs + distanceMs))).toBe(true);
    }
    for (const distanceMs of [301_000, 86_400_000]) {
      expect(accepts(standard("evt_1", nowMs - distanceMs))).toBe(false);
      expect(accepts(standard("evt_1", nowMs + distanceMs))).toBe(false);
    }
  });

  it("refuses a time or id other than the signed one, and ids with a dot", () => {
    const headers = standard("evt_1", nowMs);
    expect(accepts({ ...headers, "webhook-id": "evt_2" })).toBe(false);
    expect(accepts({ ...headers, "webhook-timestamp": String(nowMs / 1000 + 1) })).toBe(false);
    for (const time of [`${nowMs / 1000}.0`, `0${nowMs / 1000}`, `+${nowMs / 1000}`, "NaN", "1e9"]) {
      expect(accepts({ ...headers, "webhook-timestamp": time })).toBe(false);
    }
    expect(accepts(standard("evt.1", nowMs))).toBe(false);
  });

  it("accepts one right signature among several, as during a change of secret, but not among more than ten", () => {
    const headers = standard("evt_1", nowMs);
    const other =
      standard("evt_1", nowMs, "whsec_YW5vdGhlci1zZWNyZXQtZm9yLXRlc3RzLTEyMzQ1Njc=")["webhook-signature"] ?? "";
    const right = headers["webhook-signature"] ?? "";
    expect(accepts({ ...headers, "webhook-signature": `${other} v1a,abc ${right}` })).toBe(true);
    expect(accepts({ ...headers, "webhook-signature": `${other} ${other}` })).toBe(false);
    expect(accepts({ ...headers, "webhook-signature": `${`${other} `.repeat(10)}${right}` })).toBe(false);
  });

  it.each([
    "secret",
    "whsec_c2hvcnQ=",
    "whsec_not base64!not base64!not base64!not base64!",
    `whsec_${"A".repeat(120)}`,
    secret.slice(0, -1),
    secret.slice("whsec_".length),
    secret.replace("whsec_", "other_"),
  ])("accepts nothing, however well signed, with the weak or malformed secret %s", async (channelSecret) => {
    const usage = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(channelSecret), usage, false, ["sign"]);
    const signature = Buffer.from(await crypto.subtle.sign("HMAC", key, new Uint8Array(body))).toString("base64");
    const request = { headers: { "x-woztell-signature": signature }, body, receivedAtMs: nowMs };
    expect(isAuthentic(request, { channelSecret })).toBe(false);
  });
});

const target: SendTarget = {
  channelId: `chn_${"0".repeat(32)}`,
  externalId: "user-17",
  reference: `msg_${"a".repeat(32)}`,
  settings: { callbackUrl: "https://customer.example/messages" },
  credentials,
  apiUrl: "",
  nowMs,
};

describe("what goes out", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: nowMs });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is verified by the standardwebhooks library and carries the documented body", () => {
    const request = renderRequest({ type: "text", text: "Grüße 👋" }, target);
    expect(new Webhook(secret).verify(request.body, request.headers)).toEqual({
      type: "message",
      id: target.reference,
      to: { id: "user-17" },
      channelId: target.channelId,
      timestamp: "2026-01-01T00:00:00.000Z",
      message: { type: "text", text: "Grüße 👋" },
    });
    expect(request.url).toBe("https://customer.example/messages");
  });

  it("passes our own check of either header, and keeps its id over retries", () => {
    const first = renderRequest({ type: "text", text: "hi" }, target);
    const retry = renderRequest({ type: "text", text: "hi" }, { ...target, nowMs: nowMs + 60_000 });
    expect(retry.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    const only = { "x-woztell-signature": first.headers["x-woztell-signature"] };
    expect(isAuthentic({ headers: only, body: Buffer.from(first.body), receivedAtMs: nowMs }, credentials)).toBe(true);
  });

  it("names a file of the app by its id, which its receiver fetches it by", () => {
    const fileId = `fil_${"0af9".repeat(8)}`;
    const url = `file:${fileId}`;
    const sent = (message: OutgoingMessage): unknown => JSON.parse(renderRequest(message, target).body).message;
    expect(sent({ type: "file", url, name: "guide.pdf", caption: "Read" })).toEqual({
      type: "file",
      fileId,
      name: "guide.pdf",
      caption: "Read",
    });
    expect(sent({ type: "audio", url })).toEqual({ type: "audio", fileId });
    expect(sent({ type: "carousel", cards: [{ title: "Lamp", imageUrl: url, buttons: [] }] })).toEqual({
      type: "carousel",
      cards: [{ title: "Lamp", image: { fileId }, buttons: [] }],
    });
  });

  it("passes a list on whole, and leaves out rows whose payload cannot go", () => {
    const rows = [
      { title: "Desk", description: "45 cm", payload: "desk" },
      { title: "Long", payload: "x".repeat(1_025) },
    ];
    const message = { type: "list", text: "Choose", button: "Open", sections: [{ title: "Lamps", rows }] } as const;
    expect(JSON.parse(renderRequest(message, target).body).message).toEqual({
      ...message,
      sections: [{ title: "Lamps", rows: rows.slice(0, 1) }],
    });
  });

  it("is no event when somebody sends it back to us", () => {
    const request = renderRequest({ type: "buttons", text: "hi", buttons: [{ title: "Yes", payload: "y" }] }, target);
    let thrown: unknown;
    try {
      readEvents(JSON.parse(request.body), {});
    } catch (error) {
      thrown = error;
    }
    expect(isError(thrown, channelErrors.malformedPayload)).toBe(true);
  });

  it.each([
    "",
    "customer.example",
    "ftp://customer.example/",
    "https://user:pass@customer.example/",
    "javascript:alert(1)",
  ])("refuses the callback address %j", (callbackUrl) => {
    expect(() => renderRequest({ type: "text", text: "hi" }, { ...target, settings: { callbackUrl } })).toThrow(
      channelErrors.incomplete.sentence,
    );
  });
});

describe("what comes in", () => {
  const event = { id: "e1", from: { id: "u1", name: "Mina" }, timestamp: "2026-01-01T00:00:00Z" };

  it("reads a message with its words, media and own data", () => {
    const image = { url: "https://files.example/1.png", mimeType: "image/png" };
    expect(readEvents({ events: [{ ...event, type: "image", image, text: "Look", data: { a: [1] } }] }, {})).toEqual([
      {
        kind: "message",
        platformMessageId: "e1",
        externalId: "u1",
        profileName: "Mina",
        sentAtMs: nowMs,
        type: "image",
        text: "Look",
        data: { media: image, custom: { a: [1] } },
      },
    ]);
  });

  it("GHSA-5cph-wvm9-45gj: takes what was said, and nothing that would choose the bot, its settings or its state", () => {
    const said = { ...event, type: "text", text: "Hello" };
    const reach = { defaultTreeIds: ["tre_1"], treeId: "tre_1", liveTreeId: "tre_1", nodeCompositeId: "menu" };
    const rewrite = {
      overrideConfig: { systemMessage: "x" },
      settings: {},
      credentials: {},
      vars: { a: 1 },
      state: {},
    };
    expect(readEvents({ events: [said] }, {})).toHaveLength(1);
    for (const [name, value] of Object.entries({ ...reach, ...rewrite })) {
      const mistakes = [expect.objectContaining({ message: expect.stringContaining(name) })];
      for (const body of [{ events: [{ ...said, [name]: value }] }, { events: [said], [name]: value }]) {
        expect(() => readEvents(body, {}), name).toThrow(expect.objectContaining({ status: 400, mistakes }));
      }
    }
  });

  it("reads payloads and named events", () => {
    expect(readEvents({ ...event, type: "payload", payload: "p", title: "P" }, {})[0]).toMatchObject({
      payload: "p",
      title: "P",
    });
    expect(readEvents({ ...event, type: "event", eventType: "order.shipped" }, {})[0]).toMatchObject({
      type: "event",
      eventType: "order.shipped",
    });
  });

  it("marks a missing time as not given", () => {
    expect(readEvents({ id: "e1", type: "text", from: { id: "u1" }, text: "hi" }, {})[0]).toMatchObject({
      sentAtMs: 0,
    });
  });

  it("cuts long words and names, and refuses long ids and payloads", () => {
    const long = readEvents(
      { ...event, type: "text", from: { id: "u", name: "n".repeat(300) }, text: `${"a".repeat(65_535)}👋` },
      {},
    );
    expect(long[0]).toMatchObject({ profileName: "n".repeat(256), text: "a".repeat(65_535) });
    expect(() => readEvents({ ...event, type: "payload", payload: "p".repeat(1_025) }, {})).toThrow(
      channelErrors.malformedPayload.sentence,
    );
    expect(() => readEvents({ ...event, type: "text", text: "hi", id: "a\u0000b" }, {})).toThrow(
      channelErrors.malformedPayload.sentence,
    );
  });

  it("keeps the statuses of two messages apart when only our references are known", () => {
    const status = { type: "status", status: "read", at: nowMs };
    const events = readEvents(
      {
        events: [
          { ...status, id: "1", reference: "msg_1" },
          { ...status, id: "2", messageId: "out-2", reference: "msg_2" },
        ],
      },
      {},
    );
    expect(events).toEqual([
      { kind: "status", platformMessageId: "msg_1", externalId: "", status: "read", atMs: nowMs, reference: "msg_1" },
      { kind: "status", platformMessageId: "out-2", externalId: "", status: "read", atMs: nowMs, reference: "msg_2" },
    ]);
  });
});

describe("what an answer means", () => {
  it.each([
    [200, '{"id":"out-1"}', { kind: "sent", platformMessageId: "out-1" }],
    [202, '{"messageId":"out-2"}', { kind: "sent", platformMessageId: "out-2" }],
    [204, "", { kind: "sent", platformMessageId: undefined }],
    [200, `{"id":"${"x".repeat(600)}"}`, { kind: "sent", platformMessageId: undefined }],
    [408, "", { kind: "retry", code: "custom.http_408" }],
    [409, "", { kind: "retry", code: "custom.http_409" }],
    [425, "", { kind: "retry", code: "custom.http_425" }],
    [429, "", { kind: "retry", code: "custom.http_429", throttled: true }],
    [500, "", { kind: "retry", code: "custom.http_500" }],
    [503, "", { kind: "retry", code: "custom.http_503" }],
  ])("reads %i %.30s", (status, text, verdict) => {
    expect(readVerdict({ status, headers: {}, body: Buffer.from(text) })).toEqual(verdict);
  });

  it.each([301, 400, 401, 403, 404, 410, 422])("ends the message after %i with a sentence", (status) => {
    const verdict = readVerdict({ status, headers: {}, body: Buffer.from("") });
    expect(verdict).toEqual({
      kind: "failed",
      code: `custom.http_${status}`,
      sentence: expect.stringContaining(String(status)),
    });
  });

  it("honours Retry-After up to an hour", () => {
    const read = (value: string): unknown =>
      readVerdict({ status: 503, headers: { "retry-after": value }, body: Buffer.from("") });
    expect(read("120")).toMatchObject({ afterMs: 120_000 });
    expect(read("86400")).toMatchObject({ afterMs: 3_600_000 });
  });
});
