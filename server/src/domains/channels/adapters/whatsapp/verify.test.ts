import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerHandshake, isAuthentic } from "./verify.ts";

const credentials = { verifyToken: "verify-token", appSecret: "app-secret-for-tests" };
const query = { "hub.mode": "subscribe", "hub.verify_token": "verify-token", "hub.challenge": "1158201444" };

describe("the GET handshake", () => {
  it("echoes the challenge for our verify token", () => {
    expect(answerHandshake(query, credentials)).toBe("1158201444");
  });

  it.each([
    ["another token", { ...query, "hub.verify_token": "verify-tokem" }],
    ["a longer token", { ...query, "hub.verify_token": "verify-token1" }],
    ["an empty token", { ...query, "hub.verify_token": "" }],
    ["no token", { ...query, "hub.verify_token": undefined }],
    ["another mode", { ...query, "hub.mode": "unsubscribe" }],
    ["no mode", { ...query, "hub.mode": undefined }],
    ["no challenge", { ...query, "hub.challenge": undefined }],
    ["an empty challenge", { ...query, "hub.challenge": "" }],
    ["markup as challenge", { ...query, "hub.challenge": "<script>1</script>" }],
    ["a line break in the challenge", { ...query, "hub.challenge": "115\n" }],
    ["an endless challenge", { ...query, "hub.challenge": "1".repeat(129) }],
  ])("refuses %s", (_name, given) => {
    expect(answerHandshake(given, credentials)).toBeUndefined();
  });

  it("refuses everything for a channel without a verify token", () => {
    expect(answerHandshake({ ...query, "hub.verify_token": "" }, { verifyToken: "" })).toBeUndefined();
    expect(answerHandshake({ ...query, "hub.verify_token": undefined }, {})).toBeUndefined();
    expect(answerHandshake({ ...query, "hub.verify_token": "undefined" }, {})).toBeUndefined();
  });

  it("never echoes anything but plain characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (challenge) => {
        expect(answerHandshake({ ...query, "hub.challenge": challenge }, credentials) ?? "-").toMatch(/^[\w-]{1,128}$/);
      }),
    );
  });
});

it("accepts a signature made by another tool (openssl dgst -sha256 -hmac)", () => {
  const signature = "sha256=3d6306699b4e205d0a64c07f0ff3996a9099bb67b3ae846621a04c39cf495bd1";
  const request = { headers: { "x-hub-signature-256": signature }, body: Buffer.from('{"a":1}'), receivedAtMs: 0 };
  expect(isAuthentic(request, credentials)).toBe(true);
});
