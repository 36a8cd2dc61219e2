import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import type { StepResult } from "../program.ts";
import { runSingleNode, textEvent, textsOf } from "../testing/sample.ts";
import { initialState, type OutgoingMessage } from "../types.ts";

function respond(responses: object[], options: { picks?: number[]; locale?: string; text?: string } = {}): StepResult {
  const state = { ...initialState, locale: options.locale ?? null };
  return runSingleNode({ responses }, textEvent(options.text ?? "hello", { picks: options.picks ?? [0] }), state);
}

function messagesOf(result: StepResult): OutgoingMessage[] {
  return result.effects.flatMap((effect) => (effect.kind === "send" ? effect.message : []));
}

describe("responses", () => {
  it("send each kind of message with its templates rendered, in order", () => {
    const result = respond(
      [
        { type: "text", text: "Hi {{ member.name }}" },
        { type: "image", url: "https://example.com/{{ event.text | url_encode }}.png", caption: "{{ event.text }}" },
        {
          type: "buttons",
          text: "Choose",
          buttons: [
            { title: "{{ member.name }}", payload: "p:{{ member.externalId }}" },
            { title: "Site", url: "https://example.com/?q={{ event.text | url_encode }}" },
          ],
        },
        { type: "quickReplies", text: "Sure?", replies: [{ title: "Yes", payload: "yes" }] },
      ],
      { text: "a b" },
    );
    expect(messagesOf(result)).toEqual([
      { type: "text", text: "Hi Ann" },
      { type: "image", url: "https://example.com/a+b.png", caption: "a b" },
      {
        type: "buttons",
        text: "Choose",
        buttons: [
          { title: "Ann", payload: "p:ext-1" },
          { title: "Site", url: "https://example.com/?q=a+b" },
        ],
      },
      { type: "quickReplies", text: "Sure?", replies: [{ title: "Yes", payload: "yes" }] },
    ]);
    expect(result.effects[0]).toMatchObject({ kind: "send", treeId: "main", nodeCompositeId: "only" });
  });

  it.each([
    [[0], "one"],
    [[0.34], "two"],
    [[0.99], "three"],
    [[], "one"],
    [[1], "one"],
    [[Number.NaN], "one"],
    [[-5], "one"],
  ])("pick the variation that the drawn numbers %j say", (picks, expected) => {
    const response = { type: "text", text: "one", variations: [{ text: "two" }, { text: "three" }] };
    expect(textsOf(respond([response], { picks }))).toEqual([expected]);
  });

  it("take the next drawn number for the next response with variations", () => {
    const response = { type: "text", text: "a", variations: [{ text: "b" }] };
    const fixed = { type: "text", text: "-" };
    expect(textsOf(respond([response, fixed, response, response], { picks: [0.9, 0.1] }))).toEqual([
      "b",
      "-",
      "a",
      "b",
    ]);
  });

  it.each([
    ["zh-Hant-HK", "HK"],
    ["zh-Hant-TW", "Hant"],
    ["zh-Hans", "zh"],
    ["ZH-hant", "Hant"],
    ["fr", "default"],
    [undefined, "default"],
  ])("for the locale %s use the most exact content", (locale, expected) => {
    const locales = { zh: { text: "zh" }, "zh-Hant": { text: "Hant" }, "zh-Hant-HK": { text: "HK" } };
    const options = locale === undefined ? {} : { locale };
    expect(textsOf(respond([{ type: "text", text: "default", locales }], options))).toEqual([expected]);
  });

  it("have variations of their own in a locale", () => {
    const locales = { fr: { text: "un", variations: [{ text: "deux" }] } };
    expect(textsOf(respond([{ type: "text", text: "x", locales }], { locale: "fr-CA", picks: [0.7] }))).toEqual([
      "deux",
    ]);
  });

  it("are sent only when their condition holds", () => {
    const responses = [
      { type: "text", text: "yes", when: "event.text == 'hello'" },
      { type: "text", text: "no", when: "event.data.total > 1" },
    ];
    const result = respond(responses);
    expect(textsOf(result)).toEqual(["yes"]);
    expect(result.trace.nodes[0]?.responses[1]?.skipped).toBe("condition has no value: no such key: data");
  });

  it("with nothing to say are left out, and buttons without a title", () => {
    const result = respond([
      { type: "text", text: "{{ session.variables.nothing }}" },
      { type: "buttons", text: "x", buttons: [{ title: "{{ event.data }}", payload: "p" }] },
      {
        type: "buttons",
        text: "y",
        buttons: [
          { title: "{{ event.data }}", payload: "p" },
          { title: "t", payload: "q" },
        ],
      },
    ]);
    expect(messagesOf(result)).toEqual([
      { type: "text", text: "x" },
      { type: "buttons", text: "y", buttons: [{ title: "t", payload: "q" }] },
    ]);
    expect(result.trace.nodes[0]?.responses[0]?.skipped).toBe("the text is empty");
  });

  it.each([
    "javascript:alert(1)",
    "http://example.com/",
    "//example.com/",
    "https://user:secret@example.com/",
    "https://",
    " data:text/html,x",
    "https://exa mple.com/",
    "https:\\\\example.com",
    "JaVaScRiPt://example.com/%0aalert(1)",
  ])("SECURITY: a link that renders to %j is never sent", (url) => {
    for (const response of [
      { type: "image", url: "{{ event.text }}" },
      { type: "buttons", text: "x", buttons: [{ title: "a", url: "{{ event.text }}" }] },
    ]) {
      const result = respond([response], { text: url });
      expect(result.error).toMatchObject({ code: "engine.url_refused", path: "nodes[0].responses[0]" });
      expect(result.effects).toEqual([]);
    }
  });

  it("bound texts and titles, and refuse payloads out of bounds", () => {
    const long = "x".repeat(limits.eventTextLength);
    const [message] = messagesOf(respond([{ type: "text", text: "{{ event.text }}" }], { text: long }));
    expect(message).toEqual({ type: "text", text: "x".repeat(limits.textLength) });
    const reply = { type: "quickReplies", text: "x", replies: [{ title: "{{ event.text }}", payload: "p" }] };
    const [replies] = messagesOf(respond([reply], { text: long }));
    expect(replies).toMatchObject({ replies: [{ title: "x".repeat(limits.titleLength) }] });
    const payload = { type: "quickReplies", text: "x", replies: [{ title: "a", payload: "{{ event.text }}" }] };
    expect(respond([payload], { text: long }).error?.code).toBe("engine.payload_refused");
  });

  it("never split a character when a text is cut", () => {
    const [message] = messagesOf(
      respond([{ type: "text", text: "{{ event.text }}" }], { text: `x${"😀".repeat(4000)}` }),
    );
    expect(message?.type === "text" && message.text.isWellFormed()).toBe(true);
  });
});
