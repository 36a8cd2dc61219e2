import { describe, expect, it } from "vitest";
import { drawToken, isTokenSpelling, tokenPattern } from "./format.ts";

describe("token format", () => {
  it("matches the published expression and its own checksum, ten thousand times", () => {
    const tokens = Array.from({ length: 10_000 }, (_, index) => drawToken(index % 2 === 0 ? "api" : "bot"));
    expect(tokens.every((token) => tokenPattern.test(token) && isTokenSpelling(token))).toBe(true);
    expect(new Set(tokens).size).toBe(10_000);
  });

  it("refuses a token with any one letter changed", () => {
    const token = drawToken("bot");
    for (let index = 8; index < token.length; index += 1) {
      const other = token[index] === "x" ? "y" : "x";
      expect(isTokenSpelling(token.slice(0, index) + other + token.slice(index + 1))).toBe(false);
    }
  });
});
