import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../kernel/secret.ts";
import { createRecoveryCodes, findRecoveryCode, toRecoveryCodeHash } from "./recovery-codes.ts";

const pepper = new Secret(Buffer.alloc(32, 3));

describe("recovery codes", () => {
  it("are ten, of 80 bits each, in four groups that are easy to type", () => {
    const codes = createRecoveryCodes().reveal();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(new Set(codes).size).toBe(10);
  });

  it("use every sign in every place", () => {
    const places = Array.from({ length: 16 }, () => new Set<string>());
    for (let round = 0; round < 60; round += 1) {
      for (const code of createRecoveryCodes().reveal()) {
        Array.from(code.replaceAll("-", "")).forEach((sign, index) => places[index]?.add(sign));
      }
    }
    for (const place of places) expect(place.size).toBe(32);
  });

  it("are found however they are typed", () => {
    const codes = createRecoveryCodes().reveal();
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.constantFrom("", " ", "-", "–", "  "),
        fc.boolean(),
        (code, between, isLow) => {
          const typed = code.replaceAll("-", between);
          expect(findRecoveryCode(isLow ? ` ${typed.toLowerCase()}\n` : typed)).toBe(code);
        },
      ),
    );
    expect(findRecoveryCode("oOiI lL10 abcd efgh")).toBe("0011-1110-ABCD-EFGH");
  });

  it.each(["", "ABCD-EFGH-JKMN", "ABCD-EFGH-JKMN-PQRSS", "ABCD-EFGH-JKMN-PQRU", "ABCD-EFGH-JKMN-PQR!", "A".repeat(65)])(
    "are not found in what is no code: %j",
    (typed) => {
      expect(findRecoveryCode(typed)).toBeUndefined();
    },
  );

  it("SECURITY: are stored under the pepper and bound to the person", () => {
    const code = "0011-1110-ABCD-EFGH";
    const hash = toRecoveryCodeHash(code, "usr_1", pepper);
    expect(hash).toHaveLength(32);
    expect(toRecoveryCodeHash(code, "usr_1", pepper)).toEqual(hash);
    expect(toRecoveryCodeHash(code, "usr_2", pepper)).not.toEqual(hash);
    expect(toRecoveryCodeHash(code, "usr_1", new Secret(Buffer.alloc(32, 4)))).not.toEqual(hash);
    expect(toRecoveryCodeHash("0011-1110-ABCD-EFGJ", "usr_1", pepper)).not.toEqual(hash);
  });

  it("SECURITY: do not print", () => {
    expect(JSON.stringify({ codes: createRecoveryCodes() })).toBe('{"codes":"[secret]"}');
  });
});
