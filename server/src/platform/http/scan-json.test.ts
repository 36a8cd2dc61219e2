import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import { parseJsonBody } from "./json-body.ts";
import { jsonLimits, scanJson } from "./scan-json.ts";

function refusalOf(text: string | Buffer): AppError {
  try {
    parseJsonBody(Buffer.from(text));
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("was accepted");
}

describe("a JSON body", () => {
  it("is read as JSON.parse reads it when nothing is wrong with its shape", () => {
    const key = fc.string().filter((name) => name !== "__proto__" && name !== "prototype");
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.string(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value")),
        fc.dictionary(key, tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value);
        expect(scanJson(text)).toEqual([]);
        expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":{"__proto__":{"x":1}}}', "a.__proto__"],
    ['{"\\u005f_proto__":1}', "__proto__"],
    ['{"list":[0,{"constructor":{"prototype":{"x":1}}}]}', "list[1].constructor.prototype"],
  ])("that reaches for a prototype is refused with the place: %s", (text, path) => {
    expect(refusalOf(text).mistakes).toEqual([{ path, message: "is a name that is not allowed" }]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("that gives a name twice is refused with the place, however the name is spelt", () => {
    expect(refusalOf('{"a":{"b":1,"\\u0062":2}}').mistakes).toEqual([{ path: "a.b", message: "is given twice" }]);
    expect(scanJson('{"a":{"b":1},"c":{"b":2}}')).toEqual([]);
  });

  it("lists every mistake of its shape, up to a bound", () => {
    expect(refusalOf('{"__proto__":1,"a":1,"a":2}').mistakes).toHaveLength(2);
    const many = `[${Array.from({ length: 500 }, () => '{"a":1,"a":2}').join(",")}]`;
    expect(refusalOf(many).mistakes).toHaveLength(jsonLimits.mistakesMax);
  });

  it("may be 64 levels deep and no deeper", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJsonBody(Buffer.from(nested(jsonLimits.depthMax)))).not.toThrow();
    expect(refusalOf(nested(jsonLimits.depthMax + 1)).mistakes[0]?.message).toContain("64 levels");
    expect(refusalOf("[".repeat(1024 * 1024)).mistakes).toHaveLength(1);
  });

  it("may hold 10,000 names and no more", () => {
    const names = (count: number) => `{${Array.from({ length: count }, (_, i) => `"n${i}":0`).join(",")}}`;
    expect(scanJson(names(jsonLimits.namesMax))).toEqual([]);
    expect(scanJson(names(jsonLimits.namesMax + 1))).toHaveLength(1);
  });

  it.each(["", "{", "[1,]", "{'a':1}", "NaN", '{"a":1}x', '"\u0001"'])(
    "that is not JSON is refused without quoting it: %j",
    (text) => {
      const refusal = refusalOf(text);
      expect(refusal.status).toBe(400);
      expect(refusal.mistakes).toEqual([{ path: "", message: "The body is not valid JSON." }]);
    },
  );

  it("that is not UTF-8 is refused", () => {
    expect(refusalOf(Buffer.from([0x22, 0xff, 0x22])).mistakes[0]?.message).toBe("The body is not UTF-8.");
  });
});
