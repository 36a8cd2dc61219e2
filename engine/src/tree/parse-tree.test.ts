import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import { sampleNode, sampleTree } from "../testing/sample.ts";
import { parseTree } from "./parse-tree.ts";
import { warningsOf } from "./warnings-of.ts";

function pathsOf(input: unknown): string[] {
  const parsed = parseTree(input);
  return parsed.ok ? [] : parsed.mistakes.map(({ path }) => path);
}

const withNode = (fields: object): object => sampleTree([sampleNode("a", fields)]);
const trigger = (fields: object): object => withNode({ triggers: [{ any: [fields] }] });
const action = (fields: object): object => withNode({ preActions: [fields] });
const response = (fields: object): object => withNode({ responses: [fields] });
const redirectTo = (fields: object): object => ({
  runPreActions: true,
  sendResponses: true,
  runPostActions: true,
  ...fields,
});

describe("parseTree", () => {
  it("accepts a tree and fills in what was left out", () => {
    const parsed = parseTree(sampleTree([sampleNode("a")]));
    expect(parsed.ok && parsed.tree.nodes[0]).toEqual({
      compositeId: "a",
      name: "a",
      kind: "general",
      priority: 0,
      triggers: [],
      preActions: [],
      responses: [],
      postActions: [],
      children: [],
    });
  });

  it.each<[string, unknown, string[]]>([
    ["no tree at all", null, [""]],
    ["a list", [], [""]],
    ["another schema version", { ...sampleTree([sampleNode("a")]), schema: "parley.tree/2" }, ["schema"]],
    ["an unknown field of the tree", { ...sampleTree([sampleNode("a")]), extra: 1 }, ["extra"]],
    ["an unknown field of a node", withNode({ extra: 1 }), ["nodes[0].extra"]],
    ["an empty name", withNode({ name: " " }), ["nodes[0].name"]],
    ["an unknown kind", withNode({ kind: "loud" }), ["nodes[0].kind"]],
    ["a priority out of range", withNode({ priority: 101 }), ["nodes[0].priority"]],
    ["a priority that is no integer", withNode({ priority: 0.5 }), ["nodes[0].priority"]],
    ["a bad id", sampleTree([sampleNode("a b")]), ["headNode", "nodes[0].compositeId"]],
    ["no nodes", sampleTree([], { headNode: "a" }), ["nodes", "headNode"]],
    ["a repeated id", sampleTree([sampleNode("a"), sampleNode("a")]), ["nodes[1].compositeId"]],
    ["a missing head", sampleTree([sampleNode("a")], { headNode: "b" }), ["headNode"]],
    ["a missing fallback", sampleTree([sampleNode("a")], { fallbackNode: "b" }), ["fallbackNode"]],
    ["a missing child", withNode({ children: ["a", "b"] }), ["nodes[0].children[1]"]],
    [
      "a missing redirect target",
      withNode({ redirect: redirectTo({ compositeId: "b" }) }),
      ["nodes[0].redirect.compositeId"],
    ],
    [
      "responses of a transformer",
      withNode({ kind: "transformer", responses: [{ type: "text", text: "x" }] }),
      ["nodes[0].responses"],
    ],
    [
      "a mute node that redirects",
      withNode({ priority: -10, redirect: redirectTo({ compositeId: "a" }) }),
      ["nodes[0].redirect"],
    ],
    ["an unknown trigger", trigger({ type: "telepathy" }), ["nodes[0].triggers[0].any[0].type"]],
    ["an empty group", withNode({ triggers: [{ any: [] }] }), ["nodes[0].triggers[0].any"]],
    [
      "an empty keyword",
      trigger({ type: "keywords", keywords: ["a", " "] }),
      ["nodes[0].triggers[0].any[0].keywords[1]"],
    ],
    ["a bad pattern", trigger({ type: "regex", pattern: "(" }), ["nodes[0].triggers[0].any[0].pattern"]],
    ["a back-reference", trigger({ type: "regex", pattern: "(a)\\1" }), ["nodes[0].triggers[0].any[0].pattern"]],
    [
      "a huge pattern",
      trigger({ type: "regex", pattern: "((a{100}){10}){10}" }),
      ["nodes[0].triggers[0].any[0].pattern"],
    ],
    ["a bad condition", trigger({ type: "condition", expression: "1 +" }), ["nodes[0].triggers[0].any[0].expression"]],
    [
      "a condition that is no bool",
      trigger({ type: "condition", expression: "1 + 1" }),
      ["nodes[0].triggers[0].any[0].expression"],
    ],
    ["a bad `when`", action({ type: "endLiveChat", when: "event.nothing" }), ["nodes[0].preActions[0].when"]],
    ["a reserved variable", action({ type: "deleteVariable", name: "constructor" }), ["nodes[0].preActions[0].name"]],
    [
      "a bad variable template",
      action({ type: "setVariable", name: "x", value: "{{" }),
      ["nodes[0].preActions[0].value"],
    ],
    [
      "a bad variable expression",
      action({ type: "setVariable", name: "x", value: { expression: "x(" } }),
      ["nodes[0].preActions[0].value.expression"],
    ],
    ["a missing variable value", action({ type: "setVariable", name: "x" }), ["nodes[0].preActions[0].value"]],
    ["a bad locale", action({ type: "setLocale", locale: "English please" }), ["nodes[0].preActions[0].locale"]],
    ["an unknown response", response({ type: "smell" }), ["nodes[0].responses[0].type"]],
    ["a bad template", response({ type: "text", text: "{{ member.name | nope }}" }), ["nodes[0].responses[0].text"]],
    ["an unknown template variable", response({ type: "text", text: "{{ user }}" }), ["nodes[0].responses[0].text"]],
    ["an http image", response({ type: "image", url: "http://example.com/a.png" }), ["nodes[0].responses[0].url"]],
    [
      "a script link on a button",
      response({ type: "buttons", text: "x", buttons: [{ title: "a", url: "javascript:alert(1)" }] }),
      ["nodes[0].responses[0].buttons[0].url"],
    ],
    [
      "a button that is both",
      response({ type: "buttons", text: "x", buttons: [{ title: "a", payload: "p", url: "https://example.com" }] }),
      ["nodes[0].responses[0].buttons[0].url"],
    ],
    ["a file by a path", response({ type: "file", url: "file:///etc/passwd" }), ["nodes[0].responses[0].url"]],
    [
      "a button that opens a file of the app",
      response({ type: "buttons", text: "x", buttons: [{ title: "a", url: `file:fil_${"0".repeat(32)}` }] }),
      ["nodes[0].responses[0].buttons[0].url"],
    ],
    [
      "a place off the map",
      response({ type: "location", latitude: 90.5, longitude: "181" }),
      ["nodes[0].responses[0].latitude", "nodes[0].responses[0].longitude"],
    ],
    [
      "a list without rows",
      response({ type: "list", text: "x", button: "b", sections: [{ rows: [] }] }),
      ["nodes[0].responses[0].sections[0].rows"],
    ],
    [
      "a card whose picture is not https",
      response({ type: "carousel", cards: [{ title: "a", imageUrl: "http://example.com/a.png" }] }),
      ["nodes[0].responses[0].cards[0].imageUrl"],
    ],
    ["no buttons", response({ type: "buttons", text: "x", buttons: [] }), ["nodes[0].responses[0].buttons"]],
    [
      "a bad variation",
      response({ type: "text", text: "x", variations: [{ text: "{% x %}" }] }),
      ["nodes[0].responses[0].variations[0].text"],
    ],
    [
      "a bad locale key",
      response({ type: "text", text: "x", locales: { "?": { text: "y" } } }),
      ['nodes[0].responses[0].locales["?"]'],
    ],
    [
      "a bad localised text",
      response({ type: "text", text: "x", locales: { fr: { text: "" } } }),
      ["nodes[0].responses[0].locales.fr.text"],
    ],
    ["a function", withNode({ name: () => "x" }), ["nodes[0].name"]],
  ])("names the place of %s", (_what, input, paths) => {
    expect([...new Set(pathsOf(input))]).toEqual(paths);
  });

  it("reports every mistake at once, in shape and in meaning", () => {
    const tree = sampleTree(
      [
        sampleNode("a", { name: "", children: ["zz"], triggers: [{ any: [{ type: "regex", pattern: "[" }] }] }),
        sampleNode("a", { responses: [{ type: "text", text: "{{ x }}" }] }),
      ],
      { fallbackNode: "nope", extra: true },
    );
    expect(new Set(pathsOf(tree))).toEqual(
      new Set([
        "nodes[0].name",
        "nodes[0].triggers[0].any[0].pattern",
        "nodes[1].responses[0].text",
        "extra",
        "nodes[1].compositeId",
        "fallbackNode",
        "nodes[0].children[0]",
      ]),
    );
  });

  it("accepts a file of the app as image, audio, video, file and picture of a card, and places as numbers or templates", () => {
    const url = `file:fil_${"0af9".repeat(8)}`;
    const responses = [
      ...["image", "audio", "video", "file"].map((type) => ({ type, url })),
      { type: "carousel", cards: [{ title: "a", imageUrl: url }] },
      { type: "location", latitude: -90, longitude: "{{ event.data.longitude }}" },
    ];
    expect(pathsOf(withNode({ responses }))).toEqual([]);
  });

  it("says where in an expression and in a template the mistake stands", () => {
    const parsed = parseTree(
      sampleTree([
        sampleNode("a", {
          triggers: [{ any: [{ type: "condition", expression: "event.txt == 'a'" }] }],
          responses: [{ type: "text", text: "Hello\n{{ nam }}" }],
        }),
      ]),
    );
    const messages = parsed.ok ? [] : parsed.mistakes.map(({ message }) => message);
    expect(messages).toEqual([
      "Not a valid expression: No such key: txt (at character 7)",
      expect.stringContaining("line 2, col 4"),
    ]);
  });

  it.each(["__proto__", "constructor", "prototype"])("SECURITY: refuses the key %s at any depth", (key) => {
    const inVariable = JSON.parse(
      `{"type":"setVariable","name":"x","value":{"deep":[{"${key}":{"polluted":true}}]}}`,
    ) as object;
    expect(pathsOf(action(inVariable))).toEqual([`nodes[0].preActions[0].value.deep[0].${key}`]);
    expect(
      pathsOf(JSON.parse(JSON.stringify(sampleTree([sampleNode("a")])).replace("{", `{"${key}":{"polluted":1},`))),
    ).toEqual([key]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("refuses a tree of unbounded size or depth without walking all of it", () => {
    let deep: unknown = "x";
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    expect(pathsOf(action({ type: "setVariable", name: "x", value: deep })).length).toBeGreaterThan(0);
    expect(pathsOf(Array.from({ length: limits.treeValues + 1 }, () => 0))).toEqual([""]);
    expect(pathsOf({ name: "x".repeat(limits.treeTextLength + 1) })).toEqual([""]);
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(parseTree(loop).ok).toBe(false);
  });

  it("refuses more nodes than the limit", () => {
    const nodes = Array.from({ length: limits.nodesPerTree + 1 }, (_, index) => sampleNode(`n${index}`));
    expect(pathsOf(sampleTree(nodes))).toEqual(["nodes"]);
  });
});

describe("warningsOf", () => {
  function warningPaths(input: object): string[] {
    const parsed = parseTree(input);
    return parsed.ok ? warningsOf(parsed.tree).map(({ path }) => path) : ["not parsed"];
  }

  it("names nodes nothing leads to, nodes that cannot match, and a missing fallback", () => {
    const nodes = [sampleNode("a", { children: ["b"] }), sampleNode("b"), sampleNode("c")];
    expect(warningPaths(sampleTree(nodes))).toEqual(["nodes[1].triggers", "nodes[2]", "fallbackNode"]);
  });

  it("names choices of one response that answer alike, in variations and locales too, and long lists", () => {
    const button = { title: "a", payload: "p" };
    const rows = Array.from({ length: 6 }, (_, index) => ({ title: "a", payload: `${index}` }));
    const more = rows.map((row) => ({ ...row, payload: `more ${row.payload}` }));
    const list = { text: "x", button: "b", sections: [{ rows }] };
    const responses = [
      { type: "buttons", text: "x", buttons: [button, button, { title: "b", payload: "{{ event.text }}" }] },
      {
        type: "carousel",
        cards: [
          { title: "a", buttons: [button] },
          { title: "b", buttons: [button] },
        ],
      },
      {
        type: "list",
        ...list,
        variations: [{ ...list, sections: [{ rows }, { rows: more }] }],
        locales: { fr: { ...list, sections: [{ rows: [button, button] }] } },
      },
    ];
    expect(warningPaths(sampleTree([sampleNode("a", { responses })], { fallbackNode: "a" }))).toEqual([
      "nodes[0].responses[0].buttons[1].payload",
      "nodes[0].responses[1].cards[1].buttons[0].payload",
      "nodes[0].responses[2].variations[0].sections",
      "nodes[0].responses[2].locales.fr.sections[0].rows[1].payload",
    ]);
  });

  it("is content with nodes reached by child, redirect, fallback or as a global", () => {
    const nodes = [
      sampleNode("a", { redirect: redirectTo({ compositeId: "b" }) }),
      sampleNode("b"),
      sampleNode("c"),
      sampleNode("d", { kind: "global", triggers: [{ any: [{ type: "any", of: ["text"] }] }] }),
    ];
    expect(warningPaths(sampleTree(nodes, { fallbackNode: "c" }))).toEqual([]);
  });
});
