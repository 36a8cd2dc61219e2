import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import { createMeter } from "../meter.ts";
import { toRoots } from "../testing/to-roots.ts";
import { parseTemplate } from "./parse-template.ts";
import { toPlainParts } from "./plain-template.ts";

/** A tag that says nothing, and that only the engine understands. */
const engineOnly = "{% if false %}{% endif %}";

function renderOver(source: string, scope: object): { text: string; steps: number } {
  const parsed = parseTemplate(source);
  if (!parsed.ok) return { text: "refused", steps: 0 };
  const meter = createMeter();
  const before = meter.templateStepsLeft;
  return { text: parsed.template.render(toRoots(scope), meter), steps: before - meter.templateStepsLeft };
}

const name = fc.constantFrom("data", "a", "b", "length", "list", "x_1", "toString", "__proto__", "size", "first");
const index = fc.nat({ max: 3 }).map((number) => `[${number}]`);
const path = fc
  .tuple(
    fc.constantFrom("event", "member", "now"),
    fc.array(
      fc.oneof(
        name.map((one) => `.${one}`),
        index,
      ),
      { maxLength: 4 },
    ),
  )
  .map(([root, steps]) => root + steps.join(""));
const space = fc.constantFrom("", " ", "\n ", "\t");
const output = fc.tuple(space, path, space).map(([before, inner, after]) => `{{${before}${inner}${after}}}`);
const text = fc.string({ unit: fc.constantFrom("a", " ", "{", "}", "%", "|", "🙂", "\u0000", "\ud800"), maxLength: 6 });
const source = fc.array(fc.oneof(output, text), { maxLength: 6 }).map((parts) => parts.join(""));
const { value: data } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, -1.5, "", "text", "🙂", "y".repeat(limits.templateLength)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("data", "a", "b", "length", "list", "x_1"), tie("value"), { noNullPrototype: false }),
  ),
}));

describe("a template without the engine", () => {
  it("says what the engine says, and costs the same steps", () => {
    let plain = 0;
    const property = fc.property(source, data, data, (text, event, member) => {
      fc.pre(text.includes("{{") && parseTemplate(text).ok);
      if (toPlainParts(text) !== undefined) plain += 1;
      const scope = Object.assign(Object.create(null), { event, member, now: "2026-01-02T03:04:05.000Z" });
      expect(renderOver(text, scope)).toEqual(renderOver(engineOnly + text, scope));
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(plain).toBeGreaterThan(300);
  });

  it.each([
    ["{{ event.text }}", true],
    ["Order {{ event.match[1] }} of {{member.name}}", true],
    ["{{ event.text | upcase }}", false],
    ["{{ event['text'] }}", false],
    ["{{- event.text }}", false],
    ["{{ event.data.size }}", false],
    ["{{ event.data[-1] }}", false],
    ["{{ event.text }}{% if true %}{% endif %}", false],
    ["{{ 'x' }}", false],
  ])("%s: %s", (template, isPlain) => {
    expect(toPlainParts(template) !== undefined).toBe(isPlain);
  });
});
