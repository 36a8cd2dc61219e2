import { describe, expect, it } from "vitest";
import { toRequestHeaders } from "../../platform/outbound/headers.ts";
import { headerBounds, listHeaderMistakes } from "./custom-headers.ts";

describe("custom headers", () => {
  it("may carry a credential of the owner's", () => {
    expect(listHeaderMistakes({ Authorization: "Bearer abc.def", "X-Team": "a b\tc" })).toEqual([]);
  });

  it.each([
    ["a line break in the value", { "X-A": "a\r\nX-B: b" }],
    ["a bare line feed", { "X-A": "a\nb" }],
    ["a NUL", { "X-A": "a\u0000b" }],
    ["what is not ASCII", { "X-A": "é" }],
    ["an empty value", { "X-A": "" }],
    ["a space at the end", { "X-A": "a " }],
    ["a line break in the name", { "X-A\r\nX-B": "a" }],
    ["a name with a space", { "X A": "a" }],
    ["an empty name", { "": "a" }],
    ["a name twice in two spellings", { "X-A": "a", "x-a": "b" }],
    ["a value beyond the bound", { "X-A": "a".repeat(headerBounds.valueLength + 1) }],
    ["a name beyond the bound", { ["a".repeat(headerBounds.nameLength + 1)]: "a" }],
  ])("refuses %s", (_what, headers) => {
    expect(listHeaderMistakes(headers)).toHaveLength(1);
  });

  it.each([
    "Host",
    "Connection",
    "Transfer-Encoding",
    "Content-Length",
    "Content-Type",
    "Keep-Alive",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "Cookie",
    "User-Agent",
    "Proxy-Authorization",
    "Webhook-Id",
    "webhook-signature",
    "Webhook-Timestamp",
    "X-Woztell-Signature",
    "Metadata-Flavor",
    "X-aws-ec2-metadata-token",
  ])("refuses %s, which is not the owner's to set", (name) => {
    const path = `headers.${name}`;
    expect(listHeaderMistakes({ [name]: "a" })).toEqual([{ path, message: "is reserved" }]);
  });

  it("refuses more than the bound, and never repeats a value in a mistake", () => {
    const many = Object.fromEntries(Array.from({ length: headerBounds.count + 1 }, (_, index) => [`X-${index}`, "a"]));
    expect(listHeaderMistakes(many)).toEqual([{ path: "headers", message: "holds more than 20 headers" }]);
    expect(JSON.stringify(listHeaderMistakes({ "X-A": "hunter2\n" }))).not.toContain("hunter2");
  });

  it("lets nothing be saved that the outbound client would refuse to send", () => {
    const names = [
      "accept-encoding",
      "host",
      "proxy-x",
      "metadata",
      "http2-settings",
      "x-google-metadata-request",
      "x-ok",
    ];
    const accepted = names.filter((name) => listHeaderMistakes({ [name]: "a" }).length === 0);
    expect(accepted).toEqual(["x-ok"]);
    expect(() => toRequestHeaders({ "x-ok": "a" })).not.toThrow();
  });
});
