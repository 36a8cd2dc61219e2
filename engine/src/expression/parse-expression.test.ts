import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import { createMeter } from "../meter.ts";
import type { JsonValue } from "../types.ts";
import type { ExpressionRoots } from "./frame.ts";
import { parseExpression } from "./parse-expression.ts";
import { CelTime, type CelValue, ExpressionError, toJsonResult } from "./values.ts";

const data = { n: 3, half: 0.5, list: [1, 2, 3], words: ["b", "a"], map: { k: "v" }, nothing: null, flag: true };
const roots: ExpressionRoots = {
  readRoot(name): CelValue | undefined {
    if (name === "now") return new CelTime(Date.UTC(2026, 0, 2, 23, 4, 5));
    const all: { [name: string]: CelValue } = {
      event: { id: "e", type: "text", text: "Hello wörld", match: ["Hello", "ell"], groups: { g: "ell" }, data },
      member: { id: "m", name: "Ann", tags: ["vip"], fields: { age: 30 } },
      session: { variables: { count: 2 }, mode: "bot" },
      channel: { id: "c", kind: "web", name: "W", meta: null },
      meta: { source: "ad" },
    };
    return all[name];
  },
};

function evaluate(source: string): JsonValue {
  const parsed = parseExpression(source, "any");
  if (!parsed.ok) throw new TypeError(parsed.message);
  return toJsonResult(parsed.expression.evaluate(roots, createMeter()));
}

function refusalOf(source: string, expected: "bool" | "any" = "any"): string {
  const parsed = parseExpression(source, expected);
  return parsed.ok ? "accepted" : parsed.message;
}

describe("an expression", () => {
  it.each<[string, JsonValue]>([
    ["1 + 2 * 3", 7],
    ["7 / 2", 3],
    ["-7 / 2", -3],
    ["7.0 / 2.0", 3.5],
    ["7 % 4", 3],
    ["event.data.n + 1", 4],
    ["event.data.n == 3 && 3 == event.data.n", true],
    ["event.data.n / 2", 1.5],
    ["event.data.half < 1", true],
    ["session.variables.count >= 2", true],
    ["'a' + 'b'", "ab"],
    ["[1] + [2]", [1, 2]],
    ["'a' < 'b'", true],
    ["'b' in event.data.words", true],
    ["'k' in event.data.map", true],
    ["'zz' in event.data.map", false],
    ["event.data.list[1]", 2],
    ["event.data['map']['k']", "v"],
    ["event.data.nothing == null", true],
    ["event.data.list == [1, 2, 3]", true],
    ["event.data.map == {'k': 'v'}", true],
    ["event.data.map == {'k': 'w'}", false],
    ["event.data.n == '3'", false],
    ["true ? 'yes' : 'no'", "yes"],
    ["has(event.text) && !has(event.payload)", true],
    ["has(session.node.treeId)", false],
    ["has(event.data.map.k) && !has(event.data.map.z.y)", true],
    ["event.data.list.all(x, x > 0)", true],
    ["event.data.list.exists(x, x == 2)", true],
    ["event.data.list.exists_one(x, x > 2)", true],
    ["event.data.list.map(x, x * 2)", [2, 4, 6]],
    ["event.data.list.map(x, x > 1, x * 2)", [4, 6]],
    ["event.data.list.filter(x, event.data.list.exists(y, y == x + 1))", [1, 2]],
    ["event.data.map.map(k, k + '!')", ["k!"]],
    ["event.data.list.filter(x, x > 9).all(x, x > 99)", true],
    ["size(event.text)", 11],
    ["event.text.size() == size('Hello wörld')", true],
    ["size('😀')", 1],
    ["event.text.contains('wö') && event.text.endsWith('ld')", true],
    ["'  x '.trim() + 'Ab'.lowerAscii() + 'Ab'.upperAscii()", "xabAB"],
    ["event.text.substring(0, 4)", "Hell"],
    ["event.text.matches('^H.+d$')", true],
    ["event.match[1] == event.groups.g", true],
    ["int('42') + int(3.9)", 45],
    ["double('1.5') + double(1)", 2.5],
    ["string(42) + string(true) + string(1.5)", "42true1.5"],
    ["bool('true')", true],
    ["now.getFullYear() * 100 + now.getMonth() + 1", 202601],
    ["now.getDate('Asia/Tokyo')", 3],
    ["now.getHours('-05:00')", 18],
    ["now - duration('24h') < timestamp('2026-01-02T00:00:00Z')", true],
    ["(timestamp('2026-01-01T01:00:00Z') - timestamp('2026-01-01T00:00:00Z')).getMinutes()", 60],
    ["duration('1h30m')", 5400],
    ["meta.source", "ad"],
    ["false && event.data.missing", false],
    ["event.data.missing == 1 || true", true],
    ["[1, 'x', null]", [1, "x", null]],
  ])("%s is %j", (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    "event.data.missing",
    "event.payload == 'x'",
    "event.data.list[3]",
    "event.data.list[-1]",
    "event.data.n + 'x'",
    "1 / 0",
    "9223372036854775807 + 1",
    "event.data.flag + 1",
    "event.data.n.contains('x')",
    "int('4x')",
    "timestamp('yesterday')",
    "duration('soon')",
    "now.getHours('Mars/Olympus')",
    "event.data.missing || false",
    "event.data.n && true",
    "event.data.list.all(x, x.y)",
    "event.data.n.map(x, x)",
    "1.0 / 0.0",
    "channel.meta.region",
  ])("%s has no value", (source) => {
    expect(() => evaluate(source)).toThrow(ExpressionError);
  });
});

describe("parsing", () => {
  it.each<[string, "bool" | "any", string]>([
    ["1 +", "any", "(at character 4)"],
    ["event.txt", "any", "No such key: txt (at character 7)"],
    ["nobody.name", "any", "Unknown variable: nobody (at character 1)"],
    ["member.tags == 'vip'", "bool", "no such overload"],
    ["event.text", "bool", "must give true or false; this gives string"],
    ["1 ? 2 : 3", "any", "must be bool"],
    ["event.text.matches('(')", "bool", "RE2 syntax"],
    ["event.text.matches(member.name)", "bool", "literal pattern"],
    ["'a' + 1", "any", "no such overload"],
    ["{1: 'a'}", "any", "literal strings"],
    ["1u", "any", "not supported"],
    ["b'abc'", "any", "not supported"],
    ["uint(1)", "any", "not available"],
    ["has(1)", "any", "has()"],
  ])("refuses %s and says why", (source, expected, why) => {
    expect(refusalOf(source, expected)).toContain(why);
  });

  it("refuses what is too long, too deep or too large", () => {
    expect(refusalOf(`'${"x".repeat(limits.expressionLength)}'`)).toContain("at most");
    expect(refusalOf(`${"(".repeat(500)}1${")".repeat(500)}`)).toContain("maxDepth");
    expect(refusalOf(`${"!".repeat(1500)}true`)).not.toBe("accepted");
    expect(refusalOf(`${"[".repeat(900)}${"]".repeat(900)}`)).not.toBe("accepted");
    expect(refusalOf(Array.from({ length: 400 }, () => "1").join("+"))).toContain("maxAstNodes");
    expect(refusalOf(Array.from({ length: 400 }, () => "-").join("") + "1")).not.toBe("accepted");
  });
});

// Payloads published against expression languages that end in JavaScript (safe-eval, expr-eval, JSONPath, Angular,
// static-eval, vm sandboxes, template engines), each as it would be typed into a condition.
const escapes = [
  "constructor",
  "this",
  "globalThis",
  "process.exit()",
  "require('child_process').execSync('id')",
  "event.constructor",
  "event.constructor.constructor('return process')()",
  "''.constructor.constructor('return 1')()",
  "[].constructor.constructor('return process.env')()",
  "(1).constructor.constructor('x')",
  "''.sub.constructor('return process')()",
  "[]['constructor']['constructor']('alert(1)')()",
  "({}).__proto__.polluted = true",
  "event.__proto__",
  "event.text.__proto__.x",
  "event.__proto__.toString",
  "event.__defineGetter__('x', 1)",
  "member.tags.__lookupGetter__('x')",
  "member.tags.constructor.from",
  "{}.toString.constructor('return this')()",
  "(function(){return process})()",
  "(() => process)()",
  "new Function('return process')()",
  "eval('1+1')",
  "Function('return this')()",
  "import('fs')",
  "`${process.env}`",
  "a = 1",
  "event.text = 'x'",
  "event.text; process",
  "x => x",
  "typeof event",
  "delete event.text",
  "void 0",
  "event?.text",
  "...event",
  "this.constructor.constructor('return process')()",
  "$eval.constructor('alert(1)')()",
  "toString.constructor.prototype",
  "Object.assign({}, event)",
  "Reflect.construct(Function, ['x'], event)",
  "event.text.replace('a', 'b')",
  "event.text.split('')",
  "event.text.toString()",
  "event.text.valueOf()",
  "event.text.normalize('NFC')",
  "'a'.repeat(1000000000)",
  "'a'.padStart(1000000000)",
  "member.tags.reduce(x, x)",
  "member.tags.sort()",
  "member.tags.join()",
  "cel.bind(a, 'xx', cel.bind(b, a + a, b + b))",
  "google.protobuf.Timestamp",
  "type(event)",
  "dyn(event).constructor('x')",
  "bytes('x').json()",
  "optional.of(1)",
  "while(true){}",
  "for(;;){}",
  "\u0000",
  "event.text\u0000.x",
  "/(a+)+$/.test(event.text)",
];

describe("SECURITY: an expression is never JavaScript", () => {
  it.each(escapes)("refuses %j", (source) => {
    expect(refusalOf(source)).toMatch(/^Not a valid expression: /);
  });

  it.each([
    "event.data.constructor",
    "event.data.__proto__",
    "event.data['constructor']",
    "event.data['__proto__']",
    "event.data.map.toString",
    "event.data.list['length']",
    "event.data.words['constructor']",
    "member.fields.hasOwnProperty",
    "session.variables['constructor']['constructor']",
    "meta.constructor.constructor",
    "event.data.list.map(constructor, constructor.constructor)",
  ])("%s reaches nothing inherited", (source) => {
    expect(() => evaluate(source)).toThrow(ExpressionError);
  });

  it("a map cannot be made with a key that reaches a prototype", () => {
    expect(refusalOf("{'__proto__': {'x': 1}}")).toContain("not allowed");
    expect(refusalOf("{'constructor': 1}")).toContain("not allowed");
  });
});

describe("SECURITY: the cost of an expression is bounded", () => {
  const text = "a".repeat(limits.eventTextLength);
  const list = Array.from({ length: 5000 }, (_, index) => index);
  const big: ExpressionRoots = { readRoot: () => ({ text, data: list }) };
  const chain = Array.from({ length: 60 }, () => "event.text").join("+");

  it.each([
    "event.data.all(a, event.data.all(b, a + b >= 0))",
    "event.data.exists(a, event.data.exists(b, event.data.exists(c, a + b + c < 0))) || true",
    "event.data.map(a, event.data.map(b, event.data))",
    "event.data.filter(a, event.data == event.data + [a])",
    `event.data.map(a, ${chain})`,
    "event.data.map(a, event.text.contains(event.text + 'b'))",
    "event.data.map(a, event.text.matches('(a+)+b'))",
    "event.data.exists(a, event.data.exists(b, missing(b)) || a < 0)".replace(
      "missing(b)",
      "event.data.all(c, c < 0 || b < 0)",
    ),
  ])("%s ends quickly with a fault that no operator swallows", (source) => {
    const parsed = parseExpression(source, "any");
    if (!parsed.ok) throw new TypeError(parsed.message);
    const startedMs = performance.now();
    expect(() => parsed.expression.evaluate(big, createMeter())).toThrow(
      expect.objectContaining({ code: "engine.expression_too_costly" }),
    );
    expect(performance.now() - startedMs).toBeLessThan(1500);
  });
});
