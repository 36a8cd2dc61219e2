import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import type { StepResult } from "../program.ts";
import { runSingleNode, textEvent, textsOf } from "../testing/sample.ts";
import { initialState, type OutgoingMessage } from "../types.ts";

const fileAddress = "file:fil_0123456789abcdef0123456789abcdef";

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

  it("send audio, video, files and places with their templates rendered", () => {
    const data = { lat: 22.25, long: "114.5" };
    const result = runSingleNode(
      {
        responses: [
          { type: "audio", url: "https://example.com/{{ event.text }}.mp3" },
          { type: "video", url: "https://example.com/a.mp4", caption: "{{ event.text }}" },
          { type: "file", url: fileAddress, name: "../{{ event.text }}.pdf", caption: "For {{ member.name }}" },
          { type: "location", latitude: "{{ event.data.lat }}", longitude: "{{ event.data.long }}", name: "Shop" },
          { type: "location", latitude: -90, longitude: 180, address: "{{ event.data.none }}" },
        ],
      },
      textEvent("hi", { data }),
    );
    expect(messagesOf(result)).toEqual([
      { type: "audio", url: "https://example.com/hi.mp3" },
      { type: "video", url: "https://example.com/a.mp4", caption: "hi" },
      { type: "file", url: fileAddress, name: ".._hi.pdf", caption: "For Ann" },
      { type: "location", latitude: 22.25, longitude: 114.5, name: "Shop" },
      { type: "location", latitude: -90, longitude: 180 },
    ]);
  });

  it("send lists and carousels without what has no title, and as text or not at all when nothing has", () => {
    const row = { title: "{{ event.text }}", payload: "row" };
    const untitled = { title: "{{ event.data.none }}", payload: "none" };
    const list = { type: "list", text: "Choose", button: "Open" };
    const sections = [
      { title: "{{ event.text }}", rows: [row, untitled] },
      { title: "Empty", rows: [untitled] },
      { title: "{{ event.data.none }}", rows: [{ ...row, description: "{{ member.name }}" }] },
    ];
    const result = respond([
      { ...list, sections },
      { ...list, sections: [{ rows: [untitled] }] },
      { type: "carousel", cards: [{ title: "{{ event.text }}", imageUrl: fileAddress, buttons: [row, untitled] }] },
      { type: "carousel", cards: [{ title: untitled.title }, { title: "Plain", text: "{{ member.name }}" }] },
      { type: "carousel", cards: [{ title: "{{ event.data.none }}" }] },
    ]);
    expect(messagesOf(result)).toEqual([
      {
        ...list,
        sections: [
          { title: "hello", rows: [{ title: "hello", payload: "row" }] },
          { rows: [{ title: "hello", description: "Ann", payload: "row" }] },
        ],
      },
      { type: "text", text: "Choose" },
      {
        type: "carousel",
        cards: [{ title: "hello", imageUrl: fileAddress, buttons: [{ title: "hello", payload: "row" }] }],
      },
      { type: "carousel", cards: [{ title: "Plain", text: "Ann", buttons: [] }] },
    ]);
    expect(result.trace.nodes[0]?.responses[4]?.skipped).toBe("no card has a title");
  });

  it.each([
    ["91", "0", "the latitude is no number from -90 to 90"],
    ["north", "0", "the latitude is no number from -90 to 90"],
    ["", "0", "the latitude is no number from -90 to 90"],
    ["0", "-180.5", "the longitude is no number from -180 to 180"],
    ["0", "0x10", "the longitude is no number from -180 to 180"],
  ])("leave out the place %j, %j and say why", (latitude, longitude, why) => {
    const place = { type: "location", latitude: "{{ event.data.a }}", longitude: "{{ event.data.o }}" };
    const event = textEvent("x", { data: { a: latitude, o: longitude } });
    const result = runSingleNode({ responses: [place] }, event);
    expect(result.error).toBeUndefined();
    expect(result.effects).toEqual([]);
    expect(result.trace.nodes[0]?.responses[0]?.skipped).toBe(why);
  });

  it("of every kind have variations and locales", () => {
    const response = {
      type: "list",
      text: "One",
      button: "Open",
      sections: [{ rows: [{ title: "A", payload: "a" }] }],
      locales: {
        fr: { text: "Un", button: "Ouvrir", sections: [{ rows: [{ title: "A", payload: "a" }] }] },
      },
    };
    expect(messagesOf(respond([response], { locale: "fr" }))).toMatchObject([{ type: "list", button: "Ouvrir" }]);
    const audio = { type: "audio", url: "https://a.example/1", variations: [{ url: "https://a.example/2" }] };
    expect(messagesOf(respond([audio], { picks: [0.9] }))).toEqual([{ type: "audio", url: "https://a.example/2" }]);
  });

  it("stand in the trace with every text cut to its bound", () => {
    const long = "x".repeat(limits.eventTextLength);
    const card = { title: "{{ event.text }}", text: "{{ event.text }}" };
    const file = { type: "file", url: "https://a.example/", caption: "{{ event.text }}" };
    const result = respond([file, { type: "carousel", cards: [card] }], { text: long });
    const [first, second] = result.trace.nodes[0]?.responses ?? [];
    expect(first?.message).toMatchObject({ caption: `${"x".repeat(limits.traceStringLength)}…` });
    expect(second?.message).toMatchObject({ cards: [{ title: "x".repeat(limits.titleLength) }] });
    expect(messagesOf(result)[0]).toMatchObject({ caption: "x".repeat(limits.textLength) });
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

  it.each([
    "file:///etc/passwd",
    "file:fil_0123456789ABCDEF0123456789abcdef",
    "file:fil_0123456789abcdef0123456789abcdef/../x",
    "FILE:fil_0123456789abcdef0123456789abcdef",
    "fil_0123456789abcdef0123456789abcdef",
    "http://example.com/a.png",
    "data:image/png;base64,AA",
  ])("SECURITY: the address %j is neither https nor a file of the app, and shows nothing", (url) => {
    const template = "{{ event.text }}";
    for (const response of [
      ...["image", "audio", "video", "file"].map((type) => ({ type, url: template })),
      { type: "carousel", cards: [{ title: "a", imageUrl: template }] },
    ]) {
      const result = respond([response], { text: url });
      expect(result.error).toMatchObject({ code: "engine.url_refused", path: "nodes[0].responses[0]" });
      expect(result.effects).toEqual([]);
    }
  });

  it("SECURITY: a button opens no file of the app", () => {
    const buttons = [{ title: "a", url: "{{ event.text }}" }];
    for (const response of [
      { type: "buttons", text: "x", buttons },
      { type: "carousel", cards: [{ title: "a", buttons }] },
    ]) {
      expect(respond([response], { text: fileAddress }).error?.code).toBe("engine.url_refused");
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
