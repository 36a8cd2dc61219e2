import { describe, expect, it } from "vitest";
import type { SendVerdict } from "../../adapter.ts";
import { readVerdict } from "./verdict.ts";

function read(status: number, body: unknown, headers: Record<string, string> = {}): SendVerdict {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readVerdict({ status, headers, body: Buffer.from(text) });
}

function error(code: number, more: object = {}): unknown {
  return { error: { message: `(#${code}) text`, type: "OAuthException", code, fbtrace_id: "A1", ...more } };
}

describe("acceptance", () => {
  it("reads the message id", () => {
    const body = {
      messaging_product: "whatsapp",
      contacts: [{ input: "1", wa_id: "1" }],
      messages: [{ id: "wamid.X=", message_status: "accepted" }],
    };
    expect(read(200, body)).toEqual({ kind: "sent", platformMessageId: "wamid.X=" });
  });

  it.each([
    "",
    "<html>",
    "{",
    "[]",
    '{"messages":[]}',
    '{"messages":[{"id":7}]}',
    `{"messages":[{"id":"${"x".repeat(600)}"}]}`,
  ])("counts a 2xx without a readable id as sent, since trying again would send twice: %.20s", (body) => {
    expect(read(200, body)).toEqual({ kind: "sent", platformMessageId: undefined });
  });

  it("believes an error code over a 2xx status", () => {
    expect(read(200, error(131047))).toMatchObject({ kind: "failed" });
  });
});

describe("error codes", () => {
  it.each([
    [4, "whatsapp.app_rate_limit", 300_000],
    [80007, "whatsapp.account_rate_limit", 300_000],
    [130429, "whatsapp.throughput", 5_000],
    [131048, "whatsapp.spam_limit", 3_600_000],
    [131057, "whatsapp.maintenance", 600_000],
    [0, "whatsapp.unauthorized", 900_000],
    [3, "whatsapp.unauthorized", 900_000],
    [10, "whatsapp.unauthorized", 900_000],
    [190, "whatsapp.unauthorized", 900_000],
    [200, "whatsapp.unauthorized", 900_000],
    [299, "whatsapp.unauthorized", 900_000],
    [131005, "whatsapp.unauthorized", 900_000],
  ])("slows the channel and tries again after %i", (code, name, afterMs) => {
    expect(read(400, error(code))).toEqual({ kind: "retry", code: name, afterMs, throttled: true });
  });

  it.each([
    [1, "whatsapp.unavailable", 30_000],
    [2, "whatsapp.unavailable", 30_000],
    [131000, "whatsapp.unavailable", 30_000],
    [131016, "whatsapp.unavailable", 30_000],
    [133004, "whatsapp.unavailable", 30_000],
    [131056, "whatsapp.pair_rate_limit", 8_000],
  ])("tries this message again after %i, without slowing the channel", (code, name, afterMs) => {
    expect(read(400, error(code))).toEqual({ kind: "retry", code: name, afterMs });
  });

  it.each([
    [33, "phone number id"],
    [100, "Check its texts, buttons and links"],
    [368, "quality page"],
    [131008, "Check its texts, buttons and links"],
    [131009, "Check its texts, buttons and links"],
    [131021, "Choose another member"],
    [131026, "cannot deliver to this member"],
    [131031, "quality page"],
    [131042, "payment method"],
    [131045, "Register it"],
    [131047, "Only a template message"],
    [131049, "another day"],
    [131051, "does not support this type"],
    [131053, "address is public"],
    [131062, "needs one"],
    [132000, "refused the template"],
    [132001, "refused the template"],
    [132015, "refused the template"],
    [132999, "refused the template"],
    [133010, "Register it"],
  ])("ends a message after %i and tells the builder what to do", (code, sentence) => {
    expect(read(400, error(code))).toEqual({
      kind: "failed",
      code: `whatsapp.${code}`,
      sentence: expect.stringContaining(sentence),
    });
  });

  it("tries again after an unknown code that is passing, by its own word or its status", () => {
    expect(read(400, error(999_999, { is_transient: true }))).toMatchObject({ kind: "retry" });
    expect(read(503, error(999_999))).toMatchObject({ kind: "retry" });
    expect(read(400, error(999_999))).toMatchObject({ kind: "failed", code: "whatsapp.999999" });
  });

  it("shows WhatsApp's details for an unknown code, but never an access token", () => {
    const token = "EAAJBabcdefghij1234567890";
    const shown = read(
      400,
      error(999_999, {
        message: `Malformed access token ${token}`,
        error_data: { details: `The value ${token} is odd` },
      }),
    );
    expect(shown).toMatchObject({
      sentence: "WhatsApp refused the message with code 999999: The value [token] is odd",
    });
    expect(JSON.stringify(read(401, error(190, { message: `Malformed access token ${token}` })))).not.toContain(token);
  });
});

describe("statuses without a code", () => {
  it.each([500, 502, 503, 504, 408, 425, 429, 100])("tries again after %i", (status) => {
    expect(read(status, "<html>")).toMatchObject({ kind: "retry" });
  });

  it("slows the channel after 429 and honours Retry-After, up to an hour", () => {
    expect(read(429, "", { "retry-after": "7" })).toEqual({
      kind: "retry",
      code: "whatsapp.too_many",
      afterMs: 7_000,
      throttled: true,
    });
    expect(read(429, "", { "retry-after": "99999999" })).toMatchObject({ afterMs: 3_600_000 });
    const dates = { date: "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "Thu, 01 Jan 2026 00:01:30 GMT" };
    expect(read(503, "", dates)).toMatchObject({ afterMs: 90_000 });
    for (const value of ["soon", "-5", "1e9", ""])
      expect(read(429, "", { "retry-after": value })).not.toHaveProperty("afterMs");
  });

  it("waits the longer of a code's time and Retry-After", () => {
    expect(read(400, error(130429), { "retry-after": "60" })).toMatchObject({ afterMs: 60_000 });
    expect(read(400, error(131048), { "retry-after": "60" })).toMatchObject({ afterMs: 3_600_000 });
  });

  it("waits for the operator after 401, 403 and redirects, and fails after other refusals", () => {
    for (const status of [401, 403])
      expect(read(status, "")).toMatchObject({ kind: "retry", code: "whatsapp.unauthorized" });
    expect(read(302, "")).toMatchObject({ kind: "retry", code: "whatsapp.redirected" });
    expect(read(404, "")).toMatchObject({ kind: "failed", code: "whatsapp.http_404" });
  });
});
