import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUuid, type VisitorId } from "../../../kernel/ids.ts";
import { Secret } from "../../../kernel/secret.ts";
import { readToken, writeToken } from "./token.ts";

const pepper = new Secret(Buffer.alloc(32, 7));
const channelId = fromUuid("channel", "019b0000000070008000000000000001");
const place = { channelId, site: "https://shop.example" };
const token = {
  visitorId: fromUuid("visitor", "019b0000000070008000000000000002") as VisitorId,
  generation: 3,
  issuedAt: 1_790_000_000,
};
const text = writeToken(pepper, token, place);

describe("a visitor token", () => {
  it("says who speaks, to whoever holds the key", () => {
    expect(readToken(pepper, text, place)).toEqual(token);
    expect(text).toMatch(/^plv_[A-Za-z0-9_-]{75}$/);
  });

  it.each([
    ["another site", { ...place, site: "https://evil.example" }],
    ["a site that begins alike", { ...place, site: "https://shop.example.evil.example" }],
    ["another channel", { ...place, channelId: fromUuid("channel", "019b0000000070008000000000000009") }],
  ])("SECURITY: is none on %s", (_what, other) => {
    expect(readToken(pepper, text, other)).toBeUndefined();
  });

  it("SECURITY: is none under another key", () => {
    expect(readToken(new Secret(Buffer.alloc(32, 8)), text, place)).toBeUndefined();
  });

  it("SECURITY: is none with any bit changed, cut, lengthened or spelled in another way", () => {
    const bytes = Buffer.from(text.slice(4), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(readToken(pepper, `plv_${changed.toString("base64url")}`, place)).toBeUndefined();
    }
    for (const other of [text.slice(0, -1), `${text}A`, `${text}=`, text.slice(4), ` ${text}`, text.toUpperCase()]) {
      expect(readToken(pepper, other, place)).toBeUndefined();
    }
  });

  it("is none for any other text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (other) => {
        expect(readToken(pepper, other, place)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(
        fc.base64String({ maxLength: 100 }),
        (other) => readToken(pepper, `plv_${other}`, place) === undefined,
      ),
    );
  });
});
