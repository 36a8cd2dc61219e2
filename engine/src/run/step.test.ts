import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import type { StepResult } from "../program.ts";
import {
  payloadEvent,
  programOf,
  sampleEvent,
  sampleNode,
  sampleTree,
  speaker,
  standingAt,
  textEvent,
  textsOf,
  toProgram,
} from "../testing/sample.ts";
import { type EngineEvent, initialState, type Mode, type SessionState } from "../types.ts";
import { step } from "./step.ts";

const all = { runPreActions: true, sendResponses: true, runPostActions: true };
const to = (compositeId: string, fields: object = {}): object => ({ compositeId, ...all, ...fields });
const says = (text: string): object[] => [{ type: "text", text }];
const nodesRun = (result: StepResult): string[] => result.trace.nodes.map(({ compositeId }) => compositeId);
const anyText = [{ any: [{ type: "any", of: ["text"] }] }];

function inMode(mode: Mode, state: SessionState = initialState): SessionState {
  return { ...state, mode };
}

describe("who answers", () => {
  const nodes = [
    speaker("head", "start", { children: ["child"] }),
    speaker("child", "go", { children: [] }),
    speaker("global", "help", { kind: "global" }),
    speaker("other", "go"),
  ];
  const program = toProgram(
    { main: sampleTree(nodes), extra: sampleTree([speaker("far", "far")]) },
    {
      channelGlobals: [
        { treeId: "extra", compositeId: "far" },
        { treeId: "gone", compositeId: "gone" },
      ],
    },
  );

  it.each<[string, SessionState, string, string[]]>([
    ["a new member: the head", initialState, "start", ["head"]],
    ["a new member: a global", initialState, "help", ["global"]],
    ["a new member: a channel global", initialState, "far", ["far"]],
    ["a new member: not a child", initialState, "go", []],
    ["after the head: its child", standingAt("head"), "go", ["child"]],
    ["after the head: not the head again", standingAt("head"), "start", []],
    ["after the head: a global", standingAt("head"), "help", ["global"]],
    ["after the head: a channel global", standingAt("head"), "far", ["far"]],
    ["a node that is gone: the head", standingAt("gone"), "start", ["head"]],
  ])("%s", (...[, state, text, expected]) => {
    expect(textsOf(step(program, state, textEvent(text)))).toEqual(expected);
  });

  it("a member whose tree is gone starts again", () => {
    const state = { ...initialState, node: { treeId: "gone", versionId: "v", compositeId: "x" } };
    expect(textsOf(step(program, state, textEvent("start")))).toEqual(["head"]);
  });

  it("the place becomes the node that answered, with its version", () => {
    const { state } = step(program, initialState, textEvent("far"));
    expect(state.node).toEqual({ treeId: "extra", versionId: "extra-v1", compositeId: "far" });
  });

  it("every head node of several default trees", () => {
    const two = toProgram(
      { a: sampleTree([speaker("ha", "a")]), b: sampleTree([speaker("hb", "b")]) },
      { defaultTreeIds: ["a", "b"] },
    );
    expect(textsOf(step(two, initialState, textEvent("b")))).toEqual(["hb"]);
  });

  it("a head node without triggers takes anything, after the nodes that ask for something", () => {
    const open = programOf([
      sampleNode("head", { responses: says("head") }),
      speaker("help", "help", { kind: "global" }),
    ]);
    expect(textsOf(step(open, initialState, sampleEvent({ type: "image" })))).toEqual(["head"]);
    expect(textsOf(step(open, initialState, textEvent("help")))).toEqual(["help"]);
    expect(textsOf(step(open, standingAt("help"), textEvent("hm")))).toEqual([]);
  });

  it("buttons are answered by payload, from anywhere when the node is global", () => {
    const menu = programOf([
      sampleNode("menu", { responses: [{ type: "buttons", text: "?", buttons: [{ title: "Buy", payload: "buy" }] }] }),
      sampleNode("buy", {
        kind: "global",
        triggers: [{ any: [{ type: "payload", payloads: ["buy"] }] }],
        responses: says("bought"),
      }),
    ]);
    const shown = step(menu, initialState, textEvent("hello"));
    expect(textsOf(step(menu, shown.state, payloadEvent("buy")))).toEqual(["bought"]);
    expect(textsOf(step(menu, shown.state, textEvent("Buy")))).toEqual([]);
  });
});

describe("which one answers", () => {
  const candidates = (fields: object[]): object[] =>
    fields.map((field, index) => speaker(`n${index}`, "x", { kind: "global", ...field }));

  it.each([
    [[{}, {}], "n0"],
    [[{}, { priority: -1 }], "n1"],
    [[{ priority: 5 }, { priority: 5 }, { priority: 4 }], "n2"],
    [[{ priority: -9 }, { priority: -9 }], "n0"],
  ])("the lowest priority, then the first: %j", (fields, expected) => {
    expect(textsOf(step(programOf(candidates(fields)), initialState, textEvent("x")))).toEqual([expected]);
  });

  it("mute nodes run first, all that match, and matching looks at what they changed", () => {
    const mute = (id: string, priority: number, tag: string): object =>
      sampleNode(id, { kind: "global", priority, triggers: anyText, preActions: [{ type: "addTags", tags: [tag] }] });
    const vipOnly = [{ any: [{ type: "condition", expression: "member.tags.exists(t, t == 'vip')" }] }];
    const program = programOf([
      speaker("head", "nothing", { children: ["gate"] }),
      mute("second", -10, "seen"),
      mute("first", -20, "vip"),
      sampleNode("gate", { kind: "global", triggers: vipOnly, responses: says("vip only") }),
    ]);
    const result = step(program, standingAt("head"), textEvent("hi"));
    expect(nodesRun(result)).toEqual(["first", "second", "gate"]);
    expect(result.trace.muted).toEqual([
      { treeId: "main", compositeId: "first" },
      { treeId: "main", compositeId: "second" },
    ]);
    expect(result.state.tags).toEqual(["vip", "seen"]);
  });

  it("a mute node leaves the member's place alone", () => {
    const program = programOf([
      speaker("head", "start"),
      sampleNode("mute", { kind: "global", priority: -50, triggers: anyText }),
    ]);
    const state = standingAt("head");
    expect(step(program, state, textEvent("x")).state.node).toEqual(state.node);
  });

  it("a regular expression's match belongs to the node that matched", () => {
    const regex = (id: string, pattern: string, fields: object = {}): object =>
      sampleNode(id, {
        kind: "global",
        triggers: [{ any: [{ type: "regex", pattern }] }],
        responses: says("{{ event.match | join: ',' }}"),
        ...fields,
      });
    const never = [{ any: [{ type: "regex", pattern: "(o)rder" }] }, { any: [{ type: "payload", payloads: ["p"] }] }];
    const program = programOf([regex("a", "x", { triggers: never }), regex("b", "([0-9]+)")]);
    expect(textsOf(step(program, initialState, textEvent("order 42")))).toEqual(["42,42"]);
  });
});

describe("nothing matched", () => {
  const fallback = (id: string): object => sampleNode(id, { responses: says(id) });

  it("the fallback of the member's tree answers, every time", () => {
    const program = programOf([speaker("head", "start"), fallback("lost")], { fallbackNode: "lost" });
    for (const state of [initialState, standingAt("head"), standingAt("lost")]) {
      const result = step(program, state, textEvent("???"));
      expect(textsOf(result)).toEqual(["lost"]);
      expect(result.trace.outcome).toBe("fallback");
    }
  });

  it("a tree without a fallback uses the first default tree's", () => {
    const program = toProgram({
      main: sampleTree([speaker("head", "start"), fallback("lost")], { fallbackNode: "lost" }),
      side: sampleTree([speaker("far", "far")]),
    });
    const state = { ...initialState, node: { treeId: "side", versionId: "side-v1", compositeId: "far" } };
    expect(textsOf(step(program, state, textEvent("???")))).toEqual(["lost"]);
  });

  it.each(["reaction", "event", "unknown"] as const)(
    "neither a fallback nor a head without triggers answers a %s",
    (type) => {
      const program = programOf([speaker("head", "start"), fallback("lost")], { fallbackNode: "lost" });
      const result = step(program, initialState, sampleEvent({ type }));
      expect([result.effects, result.trace.outcome]).toEqual([[], "unmatched"]);
    },
  );

  it("without any fallback nothing is sent, nothing changes, and the trace says so", () => {
    const result = step(programOf([speaker("head", "start")]), initialState, textEvent("???"));
    expect(result).toMatchObject({ effects: [], state: initialState });
    expect(result.trace).toMatchObject({
      outcome: "unmatched",
      reason: "No node matched and there is no fallback node.",
      candidates: [{ treeId: "main", compositeId: "head", matched: false, why: "no keyword found" }],
    });
  });
});

describe("one node", () => {
  it("runs pre-actions, responses and post-actions in this order", () => {
    const set = (value: number): object => ({ type: "setVariable", name: "n", value });
    const program = programOf([
      sampleNode("head", {
        preActions: [set(1)],
        responses: says("{{ session.variables.n }}"),
        postActions: [set(2), { type: "startLiveChat" }],
      }),
    ]);
    const result = step(program, initialState, textEvent("x"));
    expect(result.effects.map(({ kind }) => kind)).toEqual(["send", "liveChat"]);
    expect(textsOf(result)).toEqual(["1"]);
    expect(result.state.variables).toEqual({ n: 2 });
  });
});

describe("redirects", () => {
  const target = sampleNode("target", {
    preActions: [{ type: "addTags", tags: ["pre"] }],
    responses: says("target"),
    postActions: [{ type: "addTags", tags: ["post"] }],
  });

  it.each([
    [{}, ["target"], ["pre", "post"]],
    [{ runPreActions: false }, ["target"], ["post"]],
    [{ sendResponses: false }, [], ["pre", "post"]],
    [{ runPostActions: false }, ["target"], ["pre"]],
  ])("run the parts that %j asks for", (switches, texts, tags) => {
    const program = programOf([sampleNode("head", { redirect: to("target", switches) }), target]);
    const result = step(program, initialState, textEvent("x"));
    expect(textsOf(result)).toEqual(texts);
    expect(result.state.tags).toEqual(tags);
    expect(result.state.node?.compositeId).toBe("target");
  });

  it("reach another tree, and stop where there is no such node", () => {
    const head = (redirect: object): object => sampleTree([sampleNode("head", { responses: says("head"), redirect })]);
    const far = toProgram({ main: head(to("far", { treeId: "side" })), side: sampleTree([speaker("far", "far")]) });
    expect(step(far, initialState, textEvent("x")).state.node?.treeId).toBe("side");
    const gone = toProgram({ main: head(to("far", { treeId: "gone" })) });
    const result = step(gone, initialState, textEvent("x"));
    expect(textsOf(result)).toEqual(["head"]);
    expect(result.trace.redirects).toEqual([
      {
        from: { treeId: "main", compositeId: "head" },
        to: { treeId: "gone", compositeId: "far" },
        followed: false,
        why: "there is no such node",
      },
    ]);
  });

  it("are followed only when their condition holds", () => {
    const program = programOf([sampleNode("head", { redirect: to("target", { when: "event.text == 'go'" }) }), target]);
    expect(nodesRun(step(program, initialState, textEvent("go")))).toEqual(["head", "target"]);
    expect(nodesRun(step(program, initialState, textEvent("no")))).toEqual(["head"]);
  });

  it("from outside jump straight to a node, with its redirects", () => {
    const program = programOf([speaker("head", "x"), sampleNode("via", { redirect: to("target") }), target]);
    const jump = (compositeId: string): EngineEvent =>
      sampleEvent({ type: "redirect", redirect: { treeId: "main", compositeId, ...all } });
    const result = step(program, standingAt("head"), jump("via"));
    expect(textsOf(result)).toEqual(["target"]);
    expect(result.trace.outcome).toBe("redirected");
    expect(step(program, initialState, jump("gone")).trace).toMatchObject({
      outcome: "silent",
      reason: "there is no such node",
    });
    expect(step(program, initialState, sampleEvent({ type: "redirect" })).error?.code).toBe("engine.event_not_valid");
  });
});

describe("modes", () => {
  const bot = sampleTree([sampleNode("head", { responses: says("bot") })], { fallbackNode: "head" });
  const live = sampleTree([
    sampleNode("liveHead", {
      triggers: [{ any: [{ type: "keywords", keywords: ["note"] }] }],
      responses: says("noted"),
    }),
    sampleNode("end", {
      kind: "global",
      triggers: [{ any: [{ type: "keywords", keywords: ["bye"] }] }],
      preActions: [{ type: "endLiveChat" }],
      redirect: to("head", { treeId: "main" }),
    }),
    sampleNode("talkOver", {
      kind: "global",
      triggers: [{ any: [{ type: "keywords", keywords: ["over"] }] }],
      redirect: to("head", { treeId: "main" }),
    }),
  ]);
  const off = sampleTree([sampleNode("closed", { responses: says("closed") })]);
  const plain = toProgram({ main: bot });
  const full = toProgram({ main: bot, live, off }, { liveTreeId: "live", offTreeId: "off" });

  it.each<Mode>(["live", "queued", "off"])(
    "SECURITY: in mode %s the bot says nothing without that mode's tree",
    (mode) => {
      const result = step(plain, inMode(mode), textEvent("hello"));
      expect(result).toMatchObject({ effects: [], state: inMode(mode) });
      expect(result.trace.outcome).toBe("silent");
      expect(result.trace.reason).toContain(`The mode is ${mode}`);
    },
  );

  it.each<Mode>(["live", "queued"])("in mode %s only the live-chat tree answers", (mode) => {
    expect(textsOf(step(full, inMode(mode), textEvent("note")))).toEqual(["noted"]);
    expect(textsOf(step(full, inMode(mode), textEvent("hello")))).toEqual([]);
  });

  it("in mode off the off tree answers", () => {
    expect(textsOf(step(full, inMode("off"), textEvent("hello")))).toEqual(["closed"]);
  });

  it("SECURITY: while a person has the conversation, no redirect lets the bot's own tree speak", () => {
    const result = step(full, inMode("live"), textEvent("over"));
    expect(result.effects).toEqual([]);
    expect(result.trace.redirects[0]).toMatchObject({ followed: false, why: "the mode is live" });
    const jump = sampleEvent({ type: "redirect", redirect: { treeId: "main", compositeId: "head", ...all } });
    for (const mode of ["live", "queued", "off"] as const) {
      for (const program of [plain, full]) {
        const jumped = step(program, inMode(mode), jump);
        expect(jumped.effects).toEqual([]);
        expect(jumped.trace).toMatchObject({ outcome: "silent", reason: `the mode is ${mode}` });
      }
    }
  });

  it("the live-chat tree can end live chat and hand back to the bot", () => {
    const result = step(full, inMode("live"), textEvent("bye"));
    expect(result.effects[0]).toEqual({ kind: "liveChat", on: false });
    expect(textsOf(result)).toEqual(["bot"]);
    expect(result.state.mode).toBe("bot");
  });

  it("a place in the live-chat tree does not count once the bot speaks again", () => {
    const node = { treeId: "live", versionId: "live-v1", compositeId: "liveHead" };
    expect(nodesRun(step(full, { ...initialState, node }, textEvent("over")))).toEqual(["head"]);
    expect(nodesRun(step(full, { ...initialState, mode: "live", node }, textEvent("over")))).toEqual(["talkOver"]);
  });
});

describe("limits", () => {
  it("a circle of redirects ends with an error, the old state and no effects", () => {
    const program = programOf([
      sampleNode("a", { preActions: [{ type: "addTags", tags: ["x"] }], responses: says("a"), redirect: to("b") }),
      sampleNode("b", { responses: says("b"), redirect: to("a") }),
    ]);
    const result = step(program, initialState, textEvent("x"));
    expect(result.error?.code).toBe("engine.too_many_redirects");
    expect(result.state).toBe(initialState);
    expect(result.effects).toEqual([]);
    expect(result.trace).toMatchObject({ outcome: "failed", error: result.error, diff: { tagsAdded: [] } });
    expect(result.trace.redirects).toHaveLength(limits.redirectsPerEvent);
  });

  it("more matching mute nodes than nodes per event end with an error", () => {
    const mutes = Array.from({ length: limits.nodesPerEvent + 1 }, (_, index) =>
      sampleNode(`m${index}`, { kind: "global", priority: -10, triggers: anyText }),
    );
    const program = programOf([sampleNode("head"), ...mutes]);
    expect(step(program, initialState, textEvent("x")).error?.code).toBe("engine.too_many_nodes");
  });

  it("more effects than an event may have end with an error", () => {
    const responses = Array.from({ length: limits.responsesPerNode }, () => ({ type: "text", text: "x" }));
    const chain = ["a", "b", "c", "d", "e", "f"];
    const program = programOf(
      chain.map((id, index) => {
        const next = chain[index + 1];
        return sampleNode(id, { responses, ...(next === undefined ? {} : { redirect: to(next) }) });
      }),
    );
    const result = step(program, initialState, textEvent("x"));
    expect(result.error).toMatchObject({ code: "engine.too_many_effects", path: "nodes[5].responses[0]" });
    expect(result.effects).toEqual([]);
  });

  it("conditions that do too much work end with an error", () => {
    const list = Array.from({ length: 200 }, (_, index) => index);
    const expression = "event.data.all(a, event.data.all(b, event.data.all(c, a + b + c >= 0)))";
    const program = programOf([
      sampleNode("head", { triggers: [{ any: [{ type: "condition", expression: `${expression} || true` }] }] }),
    ]);
    const result = step(program, initialState, sampleEvent({ type: "text", data: list }));
    expect(result.error?.code).toBe("engine.expression_too_costly");
  });

  it("a text beyond the bound, or a time that is none, is refused", () => {
    const program = programOf([sampleNode("head")]);
    const long = textEvent("x".repeat(limits.eventTextLength + 1));
    expect(step(program, initialState, long).error?.code).toBe("engine.event_too_large");
    expect(step(program, initialState, textEvent("x", { nowMs: Number.NaN })).error?.code).toBe(
      "engine.event_not_valid",
    );
  });

  it("event data nested without bound is an error only where it is looked at", () => {
    let data: unknown = 1;
    for (let level = 0; level < 5000; level += 1) data = [data];
    const event = textEvent("x", { data: data as never });
    expect(step(programOf([sampleNode("head", { responses: says("ok") })]), initialState, event).error).toBeUndefined();
    const looking = programOf([sampleNode("head", { responses: says("{{ event.data }}") })]);
    expect(step(looking, initialState, event).error?.code).toBe("engine.value_too_large");
  });

  it("the trace stays small whatever the tree", () => {
    const globals = Array.from({ length: 400 }, (_, index) => speaker(`g${index}`, `k${index}`, { kind: "global" }));
    const set = { type: "setVariable", name: "big", value: "{{ event.text }}" };
    const program = programOf([sampleNode("head", { preActions: [set] }), ...globals]);
    const { trace } = step(program, initialState, textEvent("x".repeat(8000)));
    expect(trace.candidates).toHaveLength(limits.traceCandidates);
    expect(trace.candidatesLeftOut).toBe(301);
    expect(JSON.stringify(trace).length).toBeLessThan(30_000);
    expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
  });
});
