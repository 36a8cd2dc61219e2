import { describe, expect, it } from "vitest";
import { isWithinBytes, toBounded, toSafeJson, toSafeObject, toSafeString } from "./json.ts";
import { limits } from "./limits.ts";

describe("toSafeJson", () => {
  it("SECURITY: copies no key that reaches a prototype, at any depth, not even one with a NUL in it", () => {
    const hostile = JSON.parse(
      '{"a":[{"__proto__":{"x":1},"b":{"constructor":{"prototype":1},"prototype":2,"c":3}}],"__proto__\\u0000":{"x":1}}',
    ) as unknown;
    const copied = toSafeJson(hostile);
    expect(copied).toEqual({ a: [{ b: { c: 3 } }] });
    expect(Object.getPrototypeOf(copied)).toBeNull();
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it("keeps only what JSON can carry", () => {
    const odd = {
      f: () => 1,
      u: undefined,
      n: Number.NaN,
      i: Number.POSITIVE_INFINITY,
      z: -0,
      big: 1n,
      s: "a\u0000\ud800",
    };
    expect(toSafeJson(odd)).toEqual({ n: null, i: null, z: 0, big: null, s: "a\ufffd" });
  });

  it("refuses what is too large or too deep", () => {
    const fault = expect.objectContaining({ code: "engine.value_too_large" });
    expect(() => toSafeJson(Array.from({ length: limits.scopeValues }, () => 0))).toThrow(fault);
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => toSafeJson(loop)).toThrow(fault);
  });

  it("does not share anything with its input", () => {
    const input = { list: [1] };
    const copied = toSafeObject(input);
    input.list.push(2);
    expect(copied).toEqual({ list: [1] });
    expect(toSafeObject([1])).toEqual({});
  });
});

describe("texts", () => {
  it.each([
    ["abc", 3, true],
    ["é".repeat(10), 19, false],
    ["é".repeat(10), 20, true],
    ["😀".repeat(10), 40, true],
    ["😀".repeat(10), 39, false],
    ["訂".repeat(4), 11, false],
  ])("%j is within %i bytes: %s", (text, bytesMax, expected) => {
    expect(isWithinBytes(text, bytesMax)).toBe(expected);
    expect(new TextEncoder().encode(text).length <= bytesMax).toBe(expected);
  });

  it("are cut between characters and made well-formed", () => {
    expect(toBounded("a😀", 2)).toBe("a");
    expect(toBounded("abc", 3)).toBe("abc");
    expect(toSafeString("\ud800x\u0000")).toBe("\ufffdx");
  });
});
