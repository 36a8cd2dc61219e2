// Random programs, states and events for property tests: trees that pass `parseTree`, with redirect loops, mute
// nodes, expressions and templates; events of every type with hostile texts and data.

import fc from "fast-check";
import type { JsonValue, SessionState } from "../types.ts";
import { type EngineEvent, type Mode } from "../types.ts";

const ids = ["a", "b", "c", "d", "e"] as const;
const words = ["order", "agent", "hi", "Straße", "訂單", "{{ x }}", "__proto__"] as const;
const anyId = fc.constantFrom(...ids);
const anyTreeId = fc.constantFrom("main", "side", "gone");

const expressions = [
  "event.text.startsWith('o')",
  "session.variables.a > 1",
  "member.tags.exists(t, t == 'vip')",
  "event.data.items.all(x, x > 0)",
  "has(event.payload)",
  "session.mode == 'bot'",
  "event.match[0] == 'order'",
  "event.data.x.y.z == 1",
  "meta == null",
  "member.fields.age > 3 || now.getHours() < 12",
] as const;
const values = [
  "event.data",
  "session.variables",
  "size(event.text)",
  "event.match",
  "member.tags",
  "1 / 0",
  "event.data.n + 1",
] as const;
const templates = [
  "plain",
  "{{ member.name | default: 'there' }}",
  "{{ event.text }}{{ event.text }}",
  "{% for x in event.data.items %}{{ x }},{% endfor %}",
  "{{ event.data }} {{ session.variables }} {{ event.match }}",
  "{{ event.data.x | plus: 1 | round }} {{ event.data.n | date: '%Y' }}",
  "{% if member.tags contains 'vip' %}vip{% endif %}",
  "{{ event.data.items | join: event.text | replace: 'a', event.text | truncate: 20 }}",
] as const;

const expression = fc.constantFrom(...expressions);
const template = fc.constantFrom(...templates);
const optional = <T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | object> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary });
const when = optional(fc.record({ when: expression }));

const trigger = fc.oneof(
  fc.record({
    type: fc.constant("keywords"),
    keywords: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }),
    caseSensitive: fc.boolean(),
    wordBoundary: fc.boolean(),
    equals: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("payload"),
    payloads: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant("any"),
    of: fc.array(fc.constantFrom("text", "image", "anything"), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant("regex"),
    pattern: fc.constantFrom("(a+)+$", "order (\\w+)", ".", "(?P<n>[0-9]+)"),
    caseInsensitive: fc.boolean(),
  }),
  fc.record({ type: fc.constant("event"), eventTypes: fc.constant(["paid"]) }),
  fc.record({ type: fc.constant("condition"), expression }),
);
const triggers = fc.array(fc.record({ any: fc.array(trigger, { minLength: 1, maxLength: 2 }) }), { maxLength: 2 });

const merged = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);
const action = fc.oneof(
  merged(
    fc.record({
      type: fc.constant("setVariable"),
      name: fc.constantFrom("a", "b", "toString"),
      value: fc.oneof(
        template,
        fc.record({ expression: fc.constantFrom(...values) }),
        fc.constantFrom<JsonValue>(1, null, -0, [1, [2]], { k: "v" }),
      ),
    }),
    when,
  ),
  merged(fc.record({ type: fc.constant("deleteVariable"), name: fc.constantFrom("a", "b") }), when),
  merged(
    fc.record({ type: fc.constantFrom("addTags", "removeTags"), tags: fc.constantFrom(["vip"], ["vip", "x"]) }),
    when,
  ),
  fc.record({ type: fc.constant("setLocale"), locale: fc.constantFrom("fr", "zh-Hant", null) }),
  merged(fc.record({ type: fc.constant("startLiveChat") }), optional(fc.record({ reason: template })), when),
  merged(fc.record({ type: fc.constant("endLiveChat") }), when),
);
const actions = fc.array(action, { maxLength: 3 });

const mediaAddress = fc.constantFrom(
  "https://example.com/a.png",
  "https://example.com/{{ event.text | url_encode }}",
  "file:fil_0123456789abcdef0123456789abcdef",
  "file:{{ event.text }}",
  "{{ event.text }}",
);
const degrees = (max: number): fc.Arbitrary<number | string> =>
  fc.oneof(
    fc.double({ min: -max, max, noNaN: true }),
    fc.constantFrom("{{ event.data.n }}", "{{ event.text }}", "12.5", "-0", "1{{ event.data.x }}"),
  );
const reply = fc.record({ title: template, payload: fc.constantFrom("order", "agent") });
const section = merged(
  fc.record({
    rows: fc.array(merged(reply, optional(fc.record({ description: template }))), { minLength: 1, maxLength: 3 }),
  }),
  optional(fc.record({ title: template })),
);
const card = merged(
  fc.record({ title: template }),
  optional(fc.record({ text: template })),
  optional(fc.record({ imageUrl: mediaAddress })),
  optional(fc.record({ buttons: fc.array(reply, { maxLength: 2 }) })),
);

const response = merged(
  fc.oneof(
    merged(
      fc.record({ type: fc.constant("text"), text: template }),
      optional(fc.record({ variations: fc.array(fc.record({ text: template }), { maxLength: 2 }) })),
      optional(fc.record({ locales: fc.record({ fr: fc.record({ text: template }) }) })),
    ),
    merged(
      fc.record({ type: fc.constantFrom("image", "video"), url: mediaAddress }),
      optional(fc.record({ caption: template })),
    ),
    fc.record({ type: fc.constant("audio"), url: mediaAddress }),
    merged(
      fc.record({ type: fc.constant("file"), url: mediaAddress }),
      optional(fc.record({ name: template, caption: template })),
    ),
    merged(
      fc.record({ type: fc.constant("location"), latitude: degrees(90), longitude: degrees(180) }),
      optional(fc.record({ name: template, address: template })),
    ),
    fc.record({
      type: fc.constant("buttons"),
      text: template,
      buttons: fc.array(fc.record({ title: template, payload: template }), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      type: fc.constant("quickReplies"),
      text: template,
      replies: fc.array(reply, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant("list"),
      text: template,
      button: template,
      sections: fc.array(section, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ type: fc.constant("carousel"), cards: fc.array(card, { minLength: 1, maxLength: 2 }) }),
  ),
  when,
);

const redirect = merged(
  fc.record({
    compositeId: anyId,
    runPreActions: fc.boolean(),
    sendResponses: fc.boolean(),
    runPostActions: fc.boolean(),
  }),
  optional(fc.record({ treeId: anyTreeId })),
  when,
);

function nodeOf(compositeId: string): fc.Arbitrary<object> {
  return fc
    .record({
      kind: fc.constantFrom("general", "global", "transformer", "globalTransformer"),
      priority: fc.constantFrom(-20, -10, -9, 0, 5),
      triggers,
      preActions: actions,
      responses: fc.array(response, { maxLength: 2 }),
      postActions: actions,
      redirect: fc.option(redirect, { nil: undefined, freq: 2 }),
      tags: fc.constantFrom([], ["seen"]),
      children: fc.uniqueArray(anyId),
    })
    .map(({ responses, redirect: target, ...node }) => ({
      compositeId,
      name: compositeId,
      ...node,
      ...(node.kind.toLowerCase().includes("transformer") ? {} : { responses }),
      ...(target === undefined || node.priority <= -10 ? {} : { redirect: target }),
    }));
}

/** A tree as JSON that passes `parseTree`. */
export const treeArbitrary: fc.Arbitrary<object> = fc
  .record({ nodes: fc.tuple(...ids.map(nodeOf)), headNode: anyId, fallbackNode: fc.option(anyId, { nil: undefined }) })
  .map(({ nodes, headNode, fallbackNode }) => ({
    schema: "parley.tree/1",
    name: "Random",
    headNode,
    nodes,
    ...(fallbackNode === undefined ? {} : { fallbackNode }),
  }));

const hostileKey = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "a", "items", "x", "n");
const hostileText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(...words, "order 42", "aaaaaaaaaaaa!", "\u0000", "\ud800"),
);
const hostileJson: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      hostileText,
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(hostileKey, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;
const hostileObject = fc
  .array(fc.tuple(hostileKey, hostileJson), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as { [key: string]: JsonValue });

/** An event of any type, with optional parts left out at random. */
export const eventArbitrary: fc.Arbitrary<EngineEvent> = fc
  .record(
    {
      id: fc.constant("evt_1"),
      type: fc.constantFrom<EngineEvent["type"]>(
        "text",
        "text",
        "payload",
        "image",
        "location",
        "referral",
        "event",
        "redirect",
        "unknown",
      ),
      nowMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      picks: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 3 }),
      member: fc.record({ id: fc.constant("m"), name: hostileText, fields: hostileObject }),
      channel: fc.record({ id: fc.constant("c"), kind: fc.constant("web"), name: hostileText, meta: hostileJson }),
      text: hostileText,
      payload: hostileText,
      eventType: fc.constantFrom("paid", "lost"),
      data: hostileJson,
      meta: hostileJson,
      redirect: fc.record({
        treeId: anyTreeId,
        compositeId: anyId,
        runPreActions: fc.boolean(),
        sendResponses: fc.boolean(),
        runPostActions: fc.boolean(),
      }),
    },
    { requiredKeys: ["id", "type", "nowMs", "picks", "member", "channel"] },
  )
  .map((event) => event as EngineEvent);

/** A state as the server may hold it. */
export const stateArbitrary: fc.Arbitrary<SessionState> = fc.record({
  node: fc.option(fc.record({ treeId: anyTreeId, versionId: fc.constant("v0"), compositeId: anyId })),
  variables: hostileObject,
  tags: fc.uniqueArray(fc.constantFrom("vip", "x", "y")),
  mode: fc.constantFrom<Mode>("bot", "bot", "queued", "live", "off"),
  locale: fc.constantFrom(null, "fr", "fr-CA"),
});
