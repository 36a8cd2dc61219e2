import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../kernel/clock.ts";
import { Secret } from "../../../kernel/secret.ts";
import { createTotp, findTotpStep } from "./totp.ts";

// RFC 6238 appendix B, SHA-1; the last six of the eight digits given there.
const secret = new Secret(Buffer.from("12345678901234567890"));
const vectors: [seconds: number, code: string][] = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
];
const find = (code: string, seconds: number) => findTotpStep(secret, code, createManualClock(seconds * 1000));

/** RFC 4226 5.3, written out: an opinion besides the library's. */
function toCode(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

describe("one-time codes", () => {
  it.each(vectors)("finds the step of RFC 6238's vector at %i s", (seconds, code) => {
    expect(find(code, seconds)).toBe(Math.floor(seconds / 30));
  });

  // The code of step 41152263, which lasts from 1234567890 for 30 seconds.
  it.each([
    [-31, undefined],
    [-30, undefined],
    [-1, undefined],
    [0, 41_152_263],
    [1, 41_152_263],
    [29, 41_152_263],
    [30, 41_152_263],
    [59, 41_152_263],
    [60, undefined],
    [61, undefined],
    [3_600, undefined],
  ])("SECURITY: accepts the current and the previous step only: %i s after its start gives %s", (offset, step) => {
    expect(find("005924", 1_234_567_890 + offset)).toBe(step);
  });

  it.each([
    ["005924", true],
    ["005 924", true],
    [" 005924 ", true],
    ["00592", false],
    ["5924", false],
    ["0059240", false],
    ["005925", false],
    ["00592a", false],
    ["００５９２４", false],
    ["+05924", false],
    ["", false],
    ["9".repeat(17), false],
  ])("reads %j as a code: %s", (code, isCode) => {
    expect(find(code, 1_234_567_890) !== undefined).toBe(isCode);
  });

  it("agrees with RFC 4226 for any secret and time", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 4e9 }),
        (bytes, seconds) => {
          const key = Buffer.from(bytes);
          const step = Math.floor(seconds / 30);
          expect(findTotpStep(new Secret(key), toCode(key, step), createManualClock(seconds * 1000))).toBeDefined();
        },
      ),
      { numRuns: 50 },
    );
  });

  it("makes a fresh secret of 160 bits in three forms that agree", () => {
    const totp = createTotp({ issuer: "Parley: & Söhne", account: "alice@example.com" });
    const uri = new URL(totp.uri.reveal());
    expect(totp.secret.reveal()).toHaveLength(20);
    expect(totp.typed.reveal()).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(uri.searchParams.get("secret")).toBe(totp.typed.reveal().replaceAll(" ", ""));
    expect(uri.searchParams.get("issuer")).toBe("Parley  & Söhne");
    expect(decodeURIComponent(uri.pathname)).toMatch(/Parley {2}& Söhne:alice@example\.com$/);
    expect(uri.protocol).toBe("otpauth:");
    expect(decodeBase32(totp.typed.reveal().replaceAll(" ", ""))).toEqual(totp.secret.reveal());
    expect(createTotp({ issuer: "P", account: "a" }).secret.reveal()).not.toEqual(totp.secret.reveal());
  });

  it("SECURITY: does not print its secret", () => {
    const totp = createTotp({ issuer: "Parley", account: "a" });
    expect(JSON.stringify(totp)).toBe('{"secret":"[secret]","typed":"[secret]","uri":"[secret]"}');
  });
});

function decodeBase32(text: string): Buffer {
  const bits = Array.from(text).map((sign) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0"),
  );
  return Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
