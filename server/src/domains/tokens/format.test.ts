import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { drawBytes } from "../../platform/crypto/random.ts";
import { drawToken, isTokenSpelling, publishedPattern, tokenPattern } from "./format.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `count` random texts of `length` characters out of `letters`. */
function drawTexts(count: number, length: number, letters: string): string[] {
  const bytes = drawBytes(length * count);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = letters.charCodeAt((bytes[at] ?? 0) % letters.length);
  const text = bytes.toString("latin1");
  return Array.from({ length: count }, (_, index) => text.slice(index * length, (index + 1) * length));
}

describe("token format", () => {
  const published = new RegExp(publishedPattern);

  it("matches the published expression and its own checksum, ten thousand times", () => {
    const tokens = Array.from({ length: 10_000 }, (_, index) => drawToken(index % 2 === 0 ? "api" : "bot"));
    expect(tokens.every((token) => tokenPattern.test(token) && isTokenSpelling(token))).toBe(true);
    expect(tokens.filter((token) => published.exec(`key="${token}";`)?.[0] !== token)).toEqual([]);
    expect(new Set(tokens).size).toBe(10_000);
  });

  it("is published as it is", () => {
    const page = readFileSync(new URL("../../../../docs/security/access-tokens.md", import.meta.url), "utf8");
    expect(/```regex\n(.+)\n```/.exec(page)?.[1]).toBe(publishedPattern);
  });

  it("is matched by none of a million random texts, and its checksum by none of a million look-alikes", () => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
    let [matches, lookAlikes, accepted] = [0, 0, 0];
    for (let round = 0; round < 10; round += 1) {
      for (const text of drawTexts(50_000, 45, `${alphabet}_`)) matches += published.test(text) ? 1 : 0;
      for (const text of drawTexts(50_000, 45, printable)) matches += published.test(text) ? 1 : 0;
      for (const text of drawTexts(100_000, 36, alphabet)) {
        lookAlikes += published.test(`ply_api_${text}`) ? 1 : 0;
        accepted += isTokenSpelling(`ply_api_${text}`) ? 1 : 0;
      }
    }
    expect({ matches, lookAlikes, accepted }).toEqual({ matches: 0, lookAlikes: 1_000_000, accepted: 0 });
  });

  it("refuses a token with any one letter changed", () => {
    const token = drawToken("bot");
    for (let index = 8; index < token.length; index += 1) {
      const other = token[index] === "x" ? "y" : "x";
      expect(isTokenSpelling(token.slice(0, index) + other + token.slice(index + 1))).toBe(false);
    }
  });
});
