import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import { runSingleNode, sampleEvent, standingAt, textEvent, textsOf } from "../testing/sample.ts";
import { initialState, type JsonValue } from "../types.ts";

const act = (actions: object[], state = initialState) => runSingleNode({ preActions: actions }, textEvent("hi"), state);

describe("setVariable", () => {
  it.each<[JsonValue, JsonValue]>([
    ["plain", "plain"],
    ["{{ member.name }} says {{ event.text | upcase }}", "Ann says HI"],
    [42, 42],
    [null, null],
    [{ a: [1, "{{ not a template }}"] }, { a: [1, "{{ not a template }}"] }],
    [{ expression: "size(event.text) + 40" }, 42],
    [{ expression: "member.fields.plan == 'gold' ? ['a', 'b'] : []" }, ["a", "b"]],
    [{ expression: "now" }, "2026-01-02T03:04:05.000Z"],
    [{ expression: "{'n': 7 / 2, 'd': 7.0 / 2.0}" }, { n: 3, d: 3.5 }],
  ])("stores %j as %j", (value, expected) => {
    const result = act([{ type: "setVariable", name: "x", value }]);
    expect(result.error).toBeUndefined();
    expect(result.state.variables).toEqual({ x: expected });
    expect(result.trace.diff.variablesSet).toEqual({ x: expected });
  });

  it("is seen by the actions and responses after it", () => {
    const result = runSingleNode({
      preActions: [
        { type: "setVariable", name: "count", value: 1 },
        { type: "setVariable", name: "count", value: { expression: "session.variables.count + 1" } },
      ],
      responses: [{ type: "text", text: "{{ session.variables.count }}" }],
    });
    expect(textsOf(result)).toEqual(["2"]);
  });

  it("fails the event when its expression has no value", () => {
    const result = act([{ type: "setVariable", name: "x", value: { expression: "event.data.total" } }]);
    expect(result.error).toMatchObject({ code: "engine.expression_failed", path: "nodes[0].preActions[0]" });
    expect(result.state).toBe(initialState);
  });
});

describe("the other actions", () => {
  it("delete a variable", () => {
    const state = { ...initialState, variables: { a: 1, b: 2 } };
    const result = act(
      [
        { type: "deleteVariable", name: "a" },
        { type: "deleteVariable", name: "zz" },
      ],
      state,
    );
    expect(result.state.variables).toEqual({ b: 2 });
    expect(result.trace.diff.variablesRemoved).toEqual(["a"]);
    expect(state.variables).toEqual({ a: 1, b: 2 });
  });

  it("add and remove tags, each once", () => {
    const result = act(
      [
        { type: "addTags", tags: ["vip", "new", "vip"] },
        { type: "removeTags", tags: ["old", "never"] },
      ],
      { ...initialState, tags: ["old", "vip"] },
    );
    expect(result.state.tags).toEqual(["vip", "new"]);
    expect(result.trace.diff).toMatchObject({ tagsAdded: ["new"], tagsRemoved: ["old"] });
  });

  it("set and clear the locale", () => {
    expect(act([{ type: "setLocale", locale: "zh-Hant" }]).state.locale).toBe("zh-Hant");
    expect(act([{ type: "setLocale", locale: null }], { ...initialState, locale: "fr" }).state.locale).toBeNull();
  });

  it("ask for a person: the mode is queued and the server is told, once", () => {
    const start = { type: "startLiveChat", reason: "{{ member.name }} asks" };
    const result = act([start, start]);
    expect(result.state.mode).toBe("queued");
    expect(result.effects).toEqual([{ kind: "liveChat", on: true, reason: "Ann asks" }]);
    expect(result.trace.diff.mode).toEqual({ from: "bot", to: "queued" });
  });

  it("end live chat only when there is one", () => {
    expect(act([{ type: "endLiveChat" }]).effects).toEqual([]);
  });

  it("run only when their condition holds", () => {
    const result = act([
      { type: "addTags", tags: ["yes"], when: "event.text == 'hi'" },
      { type: "addTags", tags: ["no"], when: "event.text == 'bye'" },
      { type: "addTags", tags: ["broken"], when: "event.data.x == 1" },
    ]);
    expect(result.state.tags).toEqual(["yes"]);
    expect(result.trace.nodes[0]?.actions[2]?.result).toBe("skipped: condition has no value: no such key: data");
  });

  it("leave the node's tags and analytics in the state and the trace", () => {
    const analytics = { category: "menu", action: "shown", label: "main" };
    const result = runSingleNode({ tags: ["seen"], analytics });
    expect(result.state.tags).toEqual(["seen"]);
    expect(result.trace.nodes[0]).toMatchObject({ tagsAdded: ["seen"], analytics });
  });
});

describe("the bounds of the state", () => {
  it("refuses a state that grows beyond the limit and keeps the one before", () => {
    const big = "x".repeat(limits.stateBytes - 1000);
    const state = { ...standingAt("only"), variables: { big } };
    const result = runSingleNode(
      {
        triggers: [{ any: [{ type: "any", of: ["text"] }] }],
        preActions: [{ type: "setVariable", name: "y", value: "x".repeat(2000) }],
      },
      textEvent("hi"),
      { ...state, node: null },
    );
    expect(result.error?.code).toBe("engine.state_too_large");
    expect(result.state.variables).toBe(state.variables);
    expect(result.effects).toEqual([]);
  });

  it("refuses more tags or variables than a member may have", () => {
    const tags = Array.from({ length: limits.tagsPerMember }, (_, index) => `t${index}`);
    expect(act([{ type: "addTags", tags: ["more"] }], { ...initialState, tags }).error?.code).toBe(
      "engine.state_too_large",
    );
    const variables = Object.fromEntries(
      Array.from({ length: limits.variablesPerMember }, (_, index) => [`v${index}`, 1]),
    );
    const full = { ...initialState, variables };
    expect(act([{ type: "setVariable", name: "more", value: 1 }], full).error?.code).toBe("engine.state_too_large");
    expect(act([{ type: "setVariable", name: "v0", value: 2 }], full).error).toBeUndefined();
  });

  it("SECURITY: polluting keys in event data, member fields and variables change nothing and reach nothing", () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"ok":1}',
    ) as JsonValue;
    const result = runSingleNode(
      {
        preActions: [
          { type: "setVariable", name: "copy", value: { expression: "event.data" } },
          { type: "setVariable", name: "fields", value: { expression: "member.fields" } },
        ],
        responses: [
          { type: "text", text: "[{{ event.data.polluted }}{{ event.data.__proto__.polluted }}{{ event.data.ok }}]" },
        ],
      },
      sampleEvent({
        type: "text",
        data: hostile,
        member: { id: "m", fields: hostile as { [key: string]: JsonValue } },
      }),
    );
    expect(result.error).toBeUndefined();
    expect(result.state.variables).toEqual({ copy: { ok: 1 }, fields: { ok: 1 } });
    expect(JSON.stringify(result.state)).not.toContain("polluted");
    expect(textsOf(result)).toEqual(["[1]"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
