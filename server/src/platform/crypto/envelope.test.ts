import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { envelopeOverheadBytes, openEnvelope, type Place, sealEnvelope } from "./envelope.ts";
import { toCryptoKey } from "./hmac.ts";
import { drawBytes } from "./random.ts";

const key = toCryptoKey(drawBytes(32));
const keyId = drawBytes(16);
const part = fc.string({ maxLength: 40 });
const anyPlace: fc.Arbitrary<Place> = fc.record({
  organisation: part,
  app: part,
  table: part,
  column: part,
  row: part,
});

describe("an envelope", () => {
  it("SECURITY: opens to what was sealed, for any place and any bytes", () => {
    fc.assert(
      fc.property(anyPlace, fc.uint8Array({ maxLength: 500 }), (place, bytes) => {
        const envelope = sealEnvelope(key, keyId, place, Buffer.from(bytes));
        expect(envelope.length).toBe(bytes.length + envelopeOverheadBytes);
        expect(openEnvelope(key, place, envelope)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("SECURITY: refuses every single-bit change", () => {
    const place = { organisation: "o", app: "a", table: "t", column: "c", row: "r" };
    const envelope = sealEnvelope(key, keyId, place, "something worth keeping");
    for (let bit = 0; bit < envelope.length * 8; bit += 1) {
      const altered = Buffer.from(envelope);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openEnvelope(key, place, altered), `bit ${bit}`).toThrow("could not be decrypted");
    }
  });

  it("SECURITY: refuses every other place, however alike its spelling", () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (place, other) => {
        fc.pre(JSON.stringify(place) !== JSON.stringify(other));
        const envelope = sealEnvelope(key, keyId, place, "x");
        expect(() => openEnvelope(key, other, envelope)).toThrow("could not be decrypted");
      }),
    );
    const envelope = sealEnvelope(key, keyId, { organisation: "ab", app: "c", table: "t", column: "c", row: "r" }, "x");
    const shifted = { organisation: "a", app: "bc", table: "t", column: "c", row: "r" };
    expect(() => openEnvelope(key, shifted, envelope)).toThrow("could not be decrypted");
  });

  it("SECURITY: never repeats a nonce", () => {
    const place = { organisation: "o", app: "a", table: "t", column: "c", row: "r" };
    const nonces = Array.from({ length: 20_000 }, () =>
      sealEnvelope(key, keyId, place, "").subarray(17, 29).toString("hex"),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it("refuses what is no envelope", () => {
    const place = { organisation: "o", app: "a", table: "t", column: "c", row: "r" };
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(44), Buffer.alloc(100, 2)]) {
      expect(() => openEnvelope(key, place, bytes)).toThrow("could not be decrypted");
    }
  });
});
