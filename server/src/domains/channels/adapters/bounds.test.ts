import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonExcess, jsonBounds, toBoundedJson } from "./bounded-json.ts";
import { findText, isPlainId, toFittingText, toStorableText } from "./bounds.ts";
import { findWebLink } from "./links.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });

describe("text", () => {
  it("is storable and within its bound, whatever it was", () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, lengthMax) => {
        for (const result of [toStorableText(text, lengthMax), toFittingText(text, lengthMax)]) {
          expect(result.length).toBeLessThanOrEqual(lengthMax);
          expect(result.isWellFormed()).toBe(true);
          expect(result).not.toContain("\u0000");
        }
      }),
    );
  });

  it("is left as it is when it fits", () => {
    expect(toStorableText("Grüße 👋", 8)).toBe("Grüße 👋");
    expect(toFittingText("Grüße 👋", 8)).toBe("Grüße 👋");
  });

  it("is cut before half a surrogate pair, and for sending before half a visible character", () => {
    expect(toStorableText("ab👋", 3)).toBe("ab");
    expect(toFittingText("a👩‍👩‍👧‍👦bcdef", 12)).toBe("a…");
    expect(toFittingText("a👩‍👩‍👧‍👦bcdef", 13)).toBe("a👩‍👩‍👧‍👦…");
  });

  it("is not there when it is empty or no text", () => {
    for (const value of ["", "\u0000", 7, null, undefined, {}]) expect(findText(value, 10)).toBeUndefined();
  });
});

describe("ids", () => {
  it.each(["", "a\nb", "a\u0000", "\ud800", "x".repeat(513), 7, null])("refuses %j", (id) => {
    expect(isPlainId(id)).toBe(false);
  });

  it("takes 512 characters of any script", () => {
    expect(isPlainId("利".repeat(512))).toBe(true);
  });
});

describe("bounded JSON", () => {
  it("keeps what fits exactly as it was", () => {
    const noPrototypeKeys = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => !/"(?:__proto__|constructor|prototype)":|\\u0000|\\ud/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(noPrototypeKeys, (value) => {
        fc.pre(findJsonExcess(value) === undefined);
        expect(JSON.stringify(toBoundedJson(value))).toBe(JSON.stringify(value));
      }),
    );
  });

  it("bounds depth, size and characters", () => {
    let deep: unknown = "end";
    for (let level = 0; level < 50; level += 1) deep = [deep];
    expect(JSON.stringify(toBoundedJson(deep))).toBe(`${"[".repeat(10)}null${"]".repeat(10)}`);
    expect(JSON.stringify(toBoundedJson(Array.from({ length: 100_000 }, () => 1))).length).toBeLessThan(
      jsonBounds.nodesMax * 2 + 2,
    );
    expect(JSON.stringify(toBoundedJson(Array.from({ length: 10 }, () => "x".repeat(60_000)))).length).toBeLessThan(
      66_000,
    );
  });

  it("names what does not fit", () => {
    expect(findJsonExcess(JSON.parse('{"a":{"__proto__":1}}'))).toContain("__proto__");
    expect(findJsonExcess([["x".repeat(70_000)]])).toBe("is too large");
    expect(findJsonExcess({ a: [1, "b", null] })).toBeUndefined();
  });
});

describe("links", () => {
  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "//shop.example",
    "https://user@shop.example/",
    "",
    `https://a.example/${"x".repeat(2_000)}`,
  ])("refuses %.40s", (url) => {
    expect(findWebLink(url)).toBeUndefined();
  });

  it("takes web addresses in their normal form", () => {
    expect(findWebLink(" https://Shop.example/a b ")).toBe("https://shop.example/a%20b");
  });
});
