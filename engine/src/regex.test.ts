import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { createMeter } from "./meter.ts";
import { compileRegex } from "./regex.ts";

function find(pattern: string, text: string): readonly string[] | undefined {
  const compiled = compileRegex(pattern, { caseInsensitive: false });
  if (!compiled.ok) throw new TypeError(compiled.message);
  return compiled.regex.find(text, createMeter())?.groups;
}

describe("compileRegex", () => {
  it("gives the whole match and its groups, empty for a group without a part", () => {
    expect(find("(a)|(b)", "xb")).toEqual(["b", "", "b"]);
    expect(find("order ([0-9]+)", "order 42")).toEqual(["order 42", "42"]);
    expect(find("z", "abc")).toBeUndefined();
  });

  it.each(["(", "a{2,1}", "(?=x)", "(?<=x)y", "(a)\\1", "[z-a]", "\\", "(?:a{1000}){1000}", "[a-z]{900}[a-z]{900}"])(
    "refuses %s",
    (pattern) => {
      expect(compileRegex(pattern, { caseInsensitive: false }).ok).toBe(false);
    },
  );

  const evil: [string, string][] = [
    ["^(a+)+$", "a"],
    ["^([a-zA-Z]+)*$", "a"],
    ["^(a|aa)+$", "a"],
    ["^(a|a?)+$", "a"],
    ["(.*a){20}$", "a"],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a"],
    ["(x+x+)+y", "x"],
    ["^(\\w+\\s?)*$", "w "],
    ["(\\d+)*-$", "1"],
    ["^((a?){25})(a{25})$", "a"],
  ];

  it.each(evil)("finds %s in linear time", (pattern, unit) => {
    const compiled = compileRegex(pattern, { caseInsensitive: false });
    if (!compiled.ok) throw new TypeError(compiled.message);
    const timeOf = (length: number): number => {
      const text = `${unit.repeat(length / unit.length)}!`;
      const startedMs = performance.now();
      compiled.regex.test(text, createMeter());
      return performance.now() - startedMs;
    };
    timeOf(1000);
    expect(timeOf(8000)).toBeLessThan(1000);
  });

  it("draws on the meter by text length and pattern size", () => {
    const compiled = compileRegex("[a-z]{500}", { caseInsensitive: true });
    if (!compiled.ok) throw new TypeError(compiled.message);
    const meter = createMeter();
    compiled.regex.test("a".repeat(1000), meter);
    expect(limits.expressionStepsPerEvent - meter.expressionStepsLeft).toBeGreaterThan(7000);
    const long = "a".repeat(limits.eventTextLength);
    const spendAll = (): void => {
      for (let turn = 0; turn < 20; turn += 1) compiled.regex.test(long, meter);
    };
    expect(spendAll).toThrow(expect.objectContaining({ code: "engine.expression_too_costly" }));
  });
});
