import { describe, expect, it } from "vitest";
import { step } from "../run/step.ts";
import { payloadEvent, programOf, sampleEvent, sampleNode, textEvent } from "../testing/sample.ts";
import { type EngineEvent, initialState } from "../types.ts";

function verdictOf(triggers: readonly object[], event: EngineEvent): { matched: boolean; why: string } {
  const nodes = [
    sampleNode("head", { triggers: [{ any: [{ type: "event", eventTypes: ["never"] }] }] }),
    sampleNode("tried", { kind: "global", triggers }),
  ];
  const { trace } = step(programOf(nodes), initialState, event);
  const candidate = trace.candidates.find(({ compositeId }) => compositeId === "tried");
  return { matched: candidate?.matched ?? false, why: candidate?.why ?? "" };
}

const matches = (trigger: object, event: EngineEvent): boolean => verdictOf([{ any: [trigger] }], event).matched;
const keywords = (words: string[], options: object, text: string): boolean =>
  matches({ type: "keywords", keywords: words, ...options }, textEvent(text));

describe("keywords", () => {
  it.each<[string, object, string, boolean]>([
    ["agent", {}, "the AGENTS are here", true],
    ["agent", { wordBoundary: true }, "the agents are here", false],
    ["agent", { wordBoundary: true }, "an agent, please", true],
    ["agent", { wordBoundary: true }, "agents or an agent", true],
    ["agent", { equals: true }, "  Agent ", true],
    ["agent", { equals: true }, "agent please", false],
    ["agent", { equals: true, wordBoundary: true }, "an agent please", false],
    ["Agent", { caseSensitive: true }, "agent", false],
    ["Agent", { caseSensitive: true, equals: true }, "Agent", true],
    ["café", { equals: true }, "CAFE\u0301", true],
    ["straße", { equals: true }, "STRASSE", true],
    ["ΟΔΟΣ", { equals: true }, "οδος", true],
    ["été", { wordBoundary: true }, "l'été dernier", true],
    ["été", { wordBoundary: true }, "étés", false],
    ["ет", { wordBoundary: true }, "нет", false],
    ["привет", { wordBoundary: true }, "Привет!", true],
    ["訂單", {}, "我的訂單在哪", true],
    ["a", { wordBoundary: true }, "a\u0301", false],
    ["go", { wordBoundary: true }, "𝒜go", false],
    ["👍", { wordBoundary: true }, "ok 👍!", true],
  ])("%s %j in %j: %s", (...[word, options, text, expected]) => {
    expect(keywords(["zzz", word], options, text)).toBe(expected);
  });

  it("that are found everywhere but never as a word end with an error, not with a long search", () => {
    const many = Array.from({ length: 200 }, (_, index) => "a".repeat(index + 50));
    const trigger = { type: "keywords", keywords: many, wordBoundary: true };
    const nodes = [sampleNode("head", { triggers: [{ any: [trigger] }] })];
    const { error } = step(programOf(nodes), initialState, textEvent("a".repeat(16_000)));
    expect(error?.code).toBe("engine.expression_too_costly");
  });

  it("look at texts only", () => {
    const trigger = { type: "keywords", keywords: ["agent"] };
    expect(matches(trigger, payloadEvent("agent"))).toBe(false);
    expect(matches(trigger, sampleEvent({ type: "image", text: "agent" }))).toBe(false);
  });
});

describe("payload", () => {
  it.each([
    ["buy", true],
    ["BUY", false],
    ["buy ", false],
  ])("%j: %s", (payload, expected) => {
    expect(matches({ type: "payload", payloads: ["sell", "buy"] }, payloadEvent(payload))).toBe(expected);
  });

  it("is never a text equal to it", () => {
    expect(matches({ type: "payload", payloads: ["buy"] }, textEvent("buy"))).toBe(false);
  });
});

describe("any", () => {
  it.each<[string[], EngineEvent["type"], boolean]>([
    [["text"], "text", true],
    [["text"], "image", false],
    [["audio", "video"], "video", true],
    [["file", "location"], "location", true],
    [["anything"], "reaction", true],
  ])("%j of %s: %s", (of, type, expected) => {
    expect(matches({ type: "any", of }, sampleEvent({ type }))).toBe(expected);
  });
});

describe("event", () => {
  it("matches the type of an incoming webhook's event", () => {
    const trigger = { type: "event", eventTypes: ["order.paid"] };
    expect(matches(trigger, sampleEvent({ type: "event", eventType: "order.paid" }))).toBe(true);
    expect(matches(trigger, sampleEvent({ type: "event", eventType: "order.lost" }))).toBe(false);
    expect(matches(trigger, textEvent("order.paid"))).toBe(false);
  });
});

describe("regex", () => {
  it.each<[object, string, boolean]>([
    [{ pattern: "^order [0-9]+$" }, "order 42", true],
    [{ pattern: "^order [0-9]+$" }, "Order 42", false],
    [{ pattern: "^order [0-9]+$", caseInsensitive: true }, "Order 42", true],
    [{ pattern: "42" }, "a 42 b", true],
  ])("%j in %j: %s", (options, text, expected) => {
    expect(matches({ type: "regex", ...options }, textEvent(text))).toBe(expected);
  });
});

describe("condition", () => {
  it.each<[string, boolean]>([
    ["event.type == 'text' && event.text.startsWith('he')", true],
    ["member.fields.plan == 'gold' && member.name == 'Ann'", true],
    ["channel.kind == 'web' && channel.meta.region == 'hk'", true],
    ["session.mode == 'bot' && !has(session.node)", true],
    ["now > timestamp('2026-01-01T00:00:00Z')", true],
    ["now.getHours() == 3 && now.getHours('Asia/Hong_Kong') == 11", true],
    ["now.getDayOfWeek() == 5", true],
    ["size(member.tags) > 0", false],
  ])("%s: %s", (expression, expected) => {
    expect(matches({ type: "condition", expression }, textEvent("hello"))).toBe(expected);
  });

  it("that has no value does not match and says why", () => {
    const verdict = verdictOf([{ any: [{ type: "condition", expression: "event.data.total > 3" }] }], textEvent("x"));
    expect(verdict).toEqual({ matched: false, why: "condition has no value: no such key: data" });
  });
});

describe("groups", () => {
  const word = (keyword: string): object => ({ type: "keywords", keywords: [keyword] });

  it("must all hold, by one of their alternatives each", () => {
    const groups = [{ any: [word("a"), word("b")] }, { any: [word("c")] }];
    expect(verdictOf(groups, textEvent("b c"))).toEqual({ matched: true, why: 'keyword "b" and keyword "c"' });
    expect(verdictOf(groups, textEvent("a b")).matched).toBe(false);
    expect(verdictOf(groups, textEvent("c")).matched).toBe(false);
  });

  it("show a regular expression's groups to the conditions after it", () => {
    const groups = [
      { any: [{ type: "regex", pattern: "(?P<count>[0-9]+)" }] },
      { any: [{ type: "condition", expression: "int(event.match[1]) > 10 && event.groups.count == event.match[0]" }] },
    ];
    expect(verdictOf(groups, textEvent("42")).matched).toBe(true);
    expect(verdictOf(groups, textEvent("7")).matched).toBe(false);
  });

  it("that are missing match nothing but a head node", () => {
    expect(verdictOf([], textEvent("x"))).toEqual({ matched: false, why: "no trigger" });
  });
});
