// One suite for every adapter: what a channel must guarantee whatever the platform.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError, isError } from "../../../kernel/errors.ts";
import type { RawInbound, SendTarget } from "../adapter.ts";
import { channelErrors } from "../errors.ts";
import type { InboundEvent } from "../types.ts";
import { type AdapterCase, adapterCases, receivedAtMs, signatureCases } from "./conformance-cases.ts";
import { anyMessage, kinds, messagesByKind, plainMessages } from "./conformance-messages.ts";
import { adapters, findAdapter } from "./index.ts";

const body = Buffer.from('{"events":[],"entry":[]}', "utf8");

function request(headers: Record<string, string>, bytes: Buffer = body): RawInbound {
  return { headers, body: bytes, receivedAtMs };
}

describe.each(signatureCases)("signature of $name", (scheme) => {
  const { adapter, credentials, secretName, header } = scheme;
  const isAuthentic = (headers: Record<string, string>, bytes: Buffer = body): boolean =>
    adapter.isAuthentic(request(headers, bytes), credentials);

  it("accepts what the platform signed", async () => {
    expect(isAuthentic(await scheme.sign(body, credentials))).toBe(true);
  });

  it("accepts bytes that are not JSON, because it does not parse", async () => {
    const bytes = Buffer.from("\u0000{not json");
    expect(isAuthentic(await scheme.sign(bytes, credentials), bytes)).toBe(true);
  });

  it("GHSA-7rw7-pc8v-mrr3: refuses an unsigned request", () => {
    expect(isAuthentic({})).toBe(false);
  });

  it("refuses another key", async () => {
    expect(isAuthentic(await scheme.sign(body, { ...credentials, [secretName]: scheme.otherSecret }))).toBe(false);
  });

  it("refuses a body altered in any byte", async () => {
    const headers = await scheme.sign(body, credentials);
    for (let position = 0; position < body.length; position += 1) {
      for (const bit of [1, 128]) {
        const altered = Buffer.from(body);
        altered[position] = (altered[position] ?? 0) ^ bit;
        expect(isAuthentic(headers, altered)).toBe(false);
      }
    }
    expect(isAuthentic(headers, Buffer.concat([body, Buffer.from(" ")]))).toBe(false);
    expect(isAuthentic(headers, body.subarray(1))).toBe(false);
  });

  it("refuses an empty body even when signed", async () => {
    const empty = Buffer.alloc(0);
    expect(isAuthentic(await scheme.sign(empty, credentials), empty)).toBe(false);
  });

  it("refuses a signature cut or altered at any place", async () => {
    const headers = await scheme.sign(body, credentials);
    const signature = headers[header] ?? "";
    for (let length = 0; length < signature.length; length += 1) {
      expect(isAuthentic({ ...headers, [header]: signature.slice(0, length) })).toBe(false);
      const other = signature[length] === "A" ? "B" : "A";
      expect(
        isAuthentic({ ...headers, [header]: signature.slice(0, length) + other + signature.slice(length + 1) }),
      ).toBe(false);
    }
  });

  it("refuses a header sent twice, padded, or under an upper-case name", async () => {
    const headers = await scheme.sign(body, credentials);
    const signature = headers[header] ?? "";
    for (const value of [
      `${signature}, ${signature}`,
      `${signature},${signature}`,
      ` ${signature}x`,
      `${signature}\n`,
      `"${signature}"`,
    ]) {
      expect(isAuthentic({ ...headers, [header]: value })).toBe(false);
    }
    const { [header]: _left, ...others } = headers;
    expect(isAuthentic({ ...others, [header.toUpperCase()]: signature })).toBe(false);
  });

  it("refuses signatures of another algorithm or spelling", async () => {
    const others = await scheme.signOtherwise(body, credentials);
    for (const headers of others) expect(isAuthentic(headers)).toBe(false);
    expect(others.length).toBeGreaterThan(3);
  });

  it("CVE-2026-46423: is never authentic without a secret, whatever the request", async () => {
    const headers = await scheme.sign(body, credentials);
    const { [secretName]: _secret, ...without } = credentials;
    expect(adapter.isAuthentic(request(headers), without)).toBe(false);
    const unkeyed = request(await scheme.signWithoutSecret(body));
    for (const secret of ["", "whsec_"]) {
      expect(adapter.isAuthentic(unkeyed, { ...without, [secretName]: secret })).toBe(false);
    }
    expect(adapter.isAuthentic(unkeyed, without)).toBe(false);
    expect(adapter.isAuthentic(request(await scheme.sign(body, { [secretName]: scheme.otherSecret })), without)).toBe(
      false,
    );
    expect(adapter.isAuthentic(request(headers), { ...without, [secretName]: "" })).toBe(false);
    expect(adapter.isAuthentic(request(headers), Object.create({ [secretName]: credentials[secretName] }))).toBe(false);
  });

  it("answers false, and nothing else, to arbitrary headers", () => {
    const anyText = fc.oneof(fc.string(), fc.constantFrom("sha256=", "v1,", "v1,=", ""));
    fc.assert(
      fc.property(anyText, anyText, (value, id) => {
        expect(isAuthentic({ [header]: value, "webhook-id": id })).toBe(false);
      }),
    );
  });
});

describe.each(adapterCases)("adapter $adapter.kind", (subject) => {
  const { adapter, settings } = subject;
  const read = (value: unknown): readonly InboundEvent[] => adapter.readEvents(value, settings);

  it("is registered under its kind and describes its fields", () => {
    expect(findAdapter(adapter.kind)).toBe(adapter);
    const fields = [...adapter.settings, ...adapter.credentials];
    expect(new Set(fields.map((field) => field.name)).size).toBe(fields.length);
    for (const field of fields) expect(field.sentence.length * field.lengthMax).toBeGreaterThan(0);
  });

  it.each(subject.samples)("reads $name as bounded, storable events", ({ text }) => {
    const events = read(deepFreeze(JSON.parse(text)));
    expect(events.length).toBeGreaterThan(0);
    assertStorable(events);
  });

  it.each(subject.malformed)("names the mistake in a body with $name", ({ body: malformed, path }) => {
    const error = catchError(() => read(malformed));
    expect(isError(error, channelErrors.malformedPayload)).toBe(true);
    expect(error?.mistakes.map((mistake) => mistake.path)).toContain(path);
  });

  it("throws nothing but its own errors for arbitrary JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(expectedCodes).toContain(readStorable(subject, value));
      }),
    );
  });

  it("throws nothing but its own errors, and never mutates, for samples with a value replaced anywhere", () => {
    const sample = fc.constantFrom(...subject.samples.map(({ text }) => text));
    const anything = fc.oneof(
      fc.jsonValue(),
      hostileText,
      fc.constantFrom("__proto__", "constructor", "", null, -1, 1e21),
    );
    fc.assert(
      fc.property(sample, fc.nat(), anything, (text, place, value) => {
        expect(expectedCodes).toContain(readStorable(subject, replaceAt(JSON.parse(text), place, value)));
      }),
      { numRuns: 1_500 },
    );
  });

  it("lets no key of the body reach a prototype", () => {
    for (const { text } of subject.samples) {
      expect(expectedCodes).toContain(readStorable(subject, JSON.parse(text, poison)));
    }
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  it("survives a body nested a hundred thousand levels deep", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const places = ['"Ken Example"', '"NONE"', '"WARNING"', '"h-1"', '"A-17"', '"user-17"'];
    const bodies = places.flatMap((place) =>
      subject.samples
        .filter(({ text }) => text.includes(place))
        .slice(0, 1)
        .map(({ text }) => text.replace(place, deep)),
    );
    expect(bodies.length).toBeGreaterThan(2);
    for (const text of bodies) expect(expectedCodes).toContain(readStorable(subject, JSON.parse(text)));
  });

  it("reads the platform's acceptance and keeps its id", () => {
    const verdict = adapter.readVerdict({ status: 200, headers: {}, body: Buffer.from(subject.accepted) });
    expect(verdict).toEqual({ kind: "sent", platformMessageId: "platform-1" });
  });

  it("has a verdict for every answer, with a waiting time of at most an hour", () => {
    const bodies = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.jsonValue().map((json) => Buffer.from(JSON.stringify(json))),
      platformErrors,
    );
    const headers = fc.dictionary(
      fc.constantFrom("retry-after", "date", "x"),
      fc.oneof(fc.string(), fc.nat().map(String)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), headers, bodies, (status, given, bytes) => {
        const verdict = adapter.readVerdict({ status, headers: given, body: bytes });
        const waitMs = verdict.kind === "retry" ? (verdict.afterMs ?? 0) : 0;
        const id = verdict.kind === "sent" ? (verdict.platformMessageId ?? "none") : "none";
        const sentence = verdict.kind === "failed" ? verdict.sentence : "none";
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(3_600_000);
        expect(id).toMatch(/^\P{Cc}{1,512}$/u);
        expect(sentence).not.toBe("");
      }),
      { numRuns: 500 },
    );
  });

  it("says in the error which setting or secret is missing, without any value", () => {
    const required = (fields: typeof adapter.settings): readonly string[] =>
      fields.filter((field) => field.required).map((field) => field.name);
    for (const name of required(adapter.settings)) {
      const error = catchError(() =>
        adapter.renderRequest({ type: "text", text: "hi" }, { ...target(subject), settings: {} }),
      );
      expect(error?.mistakes).toEqual([expect.objectContaining({ path: `settings.${name}` })]);
    }
    const error = catchError(() =>
      adapter.renderRequest({ type: "text", text: "hi" }, { ...target(subject), credentials: {} }),
    );
    expect(isError(error, channelErrors.incomplete)).toBe(true);
    expect(error?.mistakes[0]?.path).toMatch(/^credentials\./);
  });

  it.each(kinds)("renders every %s within the platform's limits, or says that nothing can be shown", (kind) => {
    fc.assert(
      fc.property(messagesByKind[kind], (message) => {
        const error = catchError(() =>
          subject.assertRequest(adapter.renderRequest(deepFreeze(message), target(subject))),
        );
        expect([undefined, channelErrors.unsendable.code]).toContain(error?.code);
      }),
      { numRuns: 150 },
    );
  });

  it.each(kinds)("sends a plain %s, with every word of it", (kind) => {
    const message = plainMessages[kind];
    const request = adapter.renderRequest(message, target(subject));
    subject.assertRequest(request);
    for (const word of JSON.stringify(message).match(/word\d+/g) ?? []) expect(request.body).toContain(word);
  });

  it("renders the same call each time, under the same reference at any later attempt", () => {
    const message = { type: "text", text: "hi" } as const;
    const first = adapter.renderRequest(message, target(subject));
    expect(adapter.renderRequest(message, target(subject))).toEqual(first);
    const later = adapter.renderRequest(message, { ...target(subject), nowMs: receivedAtMs + 3_600_000 });
    expect(later.url).toBe(first.url);
    for (const attempt of [first, later]) expect(attempt.body).toContain(`"${target(subject).reference}"`);
  });

  it("CVE-2026-65599: puts no secret into address or body, and no secret for checking events anywhere", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        catchError(() => {
          const { url, headers, body: sent } = adapter.renderRequest(message, target(subject));
          const { accessToken = "none", ...others } = subject.credentials;
          expect(url + sent).not.toContain(accessToken);
          for (const secret of Object.values(others))
            expect(url + sent + JSON.stringify(headers)).not.toContain(secret);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("never sends an address whose scheme runs code", () => {
    for (const url of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      " JaVaScRiPt:alert(1)",
      "https://user:pass@bank.example/",
    ]) {
      const buttons = [{ title: "Go", url }];
      const media = (["image", "audio", "video", "file"] as const).map((type) => ({ type, url, caption: "Words" }));
      const card = { title: "Card", imageUrl: url, buttons };
      for (const message of [
        { type: "buttons", text: "Tap", buttons } as const,
        { type: "carousel", cards: [card] } as const,
        ...media,
      ]) {
        let sent = "";
        const error = catchError(() => {
          sent = adapter.renderRequest(message, target(subject)).body;
        });
        expect(sent).not.toContain(url.trim());
        expect(error === undefined || isError(error, channelErrors.unsendable)).toBe(true);
      }
    }
  });

  it("refuses a message with nothing in it", () => {
    for (const message of [
      { type: "text", text: " \n" },
      { type: "audio", url: "not an address" },
      { type: "carousel", cards: [] },
    ] as const) {
      const error = catchError(() => adapter.renderRequest(message, target(subject)));
      expect(isError(error, channelErrors.unsendable)).toBe(true);
    }
  });
});

/** Adapters without a platform behind them: `web/web.test.ts` shows what they keep instead. */
const storedKinds = ["web"];

const storedAdapters = [...adapters.values()].filter(({ delivery }) => delivery === "stored");

describe.each(storedAdapters)("adapter $kind, whose messages are delivered by being stored", (adapter) => {
  it("renders no request and reads no verdict, so that no limit of a platform changes a message", () => {
    expect(adapter).not.toHaveProperty("renderRequest");
    expect(adapter).not.toHaveProperty("readVerdict");
  });

  it.each(kinds)("has every %s come back from storage as it was said", (kind) => {
    fc.assert(
      fc.property(messagesByKind[kind], (message) => {
        expect(JSON.parse(JSON.stringify(message))).toEqual(message);
      }),
      { numRuns: 50 },
    );
  });
});

it("offers exactly the adapters that passed here", () => {
  const calling = adapterCases.map(({ adapter }) => adapter.kind);
  expect([...adapters.keys()].sort()).toEqual([...calling, ...storedKinds].sort());
  expect(storedKinds.map((kind) => findAdapter(kind)?.delivery)).toEqual(storedKinds.map(() => "stored"));
});

const hostileText = fc.constantFrom(
  "\u0000",
  "\ud800",
  "x".repeat(70_000),
  "👩‍👩‍👧‍👦".repeat(400),
  "-0",
  "‮abc",
  "<script>",
);
const platformErrors = fc
  .record({
    code: fc.oneof(fc.integer(), fc.constantFrom(4, 190, 131047, 131056, 999_999)),
    error_data: fc.jsonValue(),
    is_transient: fc.boolean(),
  })
  .map((error) => Buffer.from(JSON.stringify({ error })));

function target(subject: AdapterCase): SendTarget {
  return {
    channelId: `chn_${"0".repeat(32)}`,
    externalId: subject.externalId,
    reference: `msg_${"a".repeat(32)}`,
    settings: subject.settings,
    credentials: subject.credentials,
    apiUrl: subject.apiUrl,
    nowMs: receivedAtMs,
  };
}

function catchError(run: () => unknown): AppError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return undefined;
}

const expectedCodes = [undefined, channelErrors.malformedPayload.code];

/** Reads frozen input and checks the events; the code of the error when it is refused. */
function readStorable(subject: AdapterCase, value: unknown): string | undefined {
  let events: readonly InboundEvent[] = [];
  const error = catchError(() => {
    events = subject.adapter.readEvents(deepFreeze(value), subject.settings);
  });
  assertStorable(events);
  return error?.code;
}

function assertStorable(events: readonly InboundEvent[]): void {
  const text = JSON.stringify(events);
  expect(JSON.parse(text)).toEqual(events);
  expect(text).not.toMatch(/"(?:__proto__|constructor|prototype)":/);
  expect(text).not.toContain("\\u0000");
  expect(text).not.toMatch(/\\ud[89a-f]/);
  for (const event of events) {
    expect(text.length).toBeLessThan(10_000_000);
    if (event.kind === "notice") continue;
    expect(event.platformMessageId).toMatch(/^\P{Cc}{1,512}$/u);
    expect(event.externalId.length).toBeLessThanOrEqual(512);
    if (event.kind !== "message") continue;
    expect(event.externalId).not.toBe("");
    expect((event.text ?? "").length).toBeLessThanOrEqual(65_536);
    expect((event.profileName ?? "").length).toBeLessThanOrEqual(256);
    expect((event.payload ?? "").length).toBeLessThanOrEqual(1_024);
    expect(Number.isSafeInteger(event.sentAtMs)).toBe(true);
    expect(JSON.stringify(event.data ?? null).length).toBeLessThan(300_000);
  }
}

/** A JSON reviver that puts keys of a prototype into every object. */
function poison(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  for (const key of ["__proto__", "constructor", "prototype"]) {
    Object.defineProperty(value, key, { value: { polluted: 1 }, enumerable: true });
  }
  return value;
}

/** Freezes without recursion, so that a hostile depth is the adapter's problem and not the test's. */
function deepFreeze<T>(value: T): T {
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null || Object.isFrozen(next)) continue;
    Object.freeze(next);
    waiting.push(...Object.values(next));
  }
  return value;
}

/** `root` with the value at one of its places, counted in depth-first order, replaced. */
function replaceAt(root: unknown, place: number, value: unknown): unknown {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      places.push({ holder: node as Record<string, unknown>, key });
      visit(child);
    }
  };
  visit(root);
  const chosen = places[place % places.length];
  if (chosen !== undefined) chosen.holder[chosen.key] = structuredClone(value);
  return root;
}
