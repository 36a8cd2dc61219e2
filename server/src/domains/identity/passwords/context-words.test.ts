import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMadeOfContext, toContextWords } from "./context-words.ts";

/** Any UTF-16 units, halves of pairs included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 60 }).map((units) => String.fromCharCode(...units));

describe("context words", () => {
  it("are the names, their parts of three letters or more, and the product", () => {
    const words = toContextWords({
      organisation: "Acme Co",
      personName: "Bo Li-Wang",
      email: "bo.wang@mail.acme.example",
    });
    expect(words).toEqual(
      expect.arrayContaining(["parley", "Acme Co", "Acme", "Bo Li-Wang", "Wang", "bo.wang", "mail", "example"]),
    );
    expect(words).not.toContain("Co");
    expect(words).not.toContain("Li");
  });

  it("refuse any order, repetition, case and short decoration of themselves", () => {
    const words = toContextWords({ organisation: "Acme", personName: "Alice Wonderland" });
    const spelling = fc.constantFrom("parley", "Acme", "ALICE", "Wonderland", "w0nd3rland");
    fc.assert(
      fc.property(
        fc.array(spelling, { minLength: 1, maxLength: 5 }),
        fc.stringMatching(/^[0-9!?]{0,3}$/),
        fc.constantFrom("", "-"),
        (parts, decoration, separator) => {
          const hasRoom = decoration.length + (parts.length - 1) * separator.length <= 8;
          fc.pre(hasRoom);
          expect(isMadeOfContext(parts.join(separator) + decoration, words)).toBe(true);
        },
      ),
    );
  });

  it("say nothing against a password that holds any other word", () => {
    const words = toContextWords({ organisation: "Acme", personName: "Alice Wonderland" });
    for (const password of [
      "parley tulip acme",
      "alicewonderlandx",
      "acme 1234567890",
      "xyzparley",
      "12345678",
      "!!!!",
    ]) {
      expect(isMadeOfContext(password, words), password).toBe(false);
    }
  });

  it("do not throw or take long for any text", () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.string(), { maxLength: 5 }), (text, words) => {
        expect(typeof isMadeOfContext(text, words)).toBe("boolean");
      }),
    );
    const startedMs = performance.now();
    isMadeOfContext(
      "ab".repeat(500),
      Array.from({ length: 64 }, (_, index) => "ab".repeat(index + 2)),
    );
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});
