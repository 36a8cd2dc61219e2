import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import type { Program } from "../program.ts";
import { eventArbitrary, stateArbitrary, treeArbitrary } from "../testing/arbitrary.ts";
import { toProgram } from "../testing/sample.ts";
import { findFileId } from "../tree/media-address.ts";
import { step } from "./step.ts";

const programArbitrary: fc.Arbitrary<Program> = fc
  .record({
    main: treeArbitrary,
    side: treeArbitrary,
    hasLive: fc.boolean(),
    hasOff: fc.boolean(),
    channelGlobals: fc.constantFrom([], [{ treeId: "side", compositeId: "a" }]),
  })
  .map(({ main, side, hasLive, hasOff, channelGlobals }) =>
    toProgram(
      { main, side },
      {
        channelGlobals,
        ...(hasLive ? { liveTreeId: "side" } : {}),
        ...(hasOff ? { offTreeId: "side" } : {}),
      },
    ),
  );

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze((value as { [key: string]: unknown })[key]);
  return value;
}

const runs = { numRuns: 100 };

describe("step, for any program, state and event", () => {
  it("never throws, never changes its input, and keeps every limit", () => {
    const prototypeBefore = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
    fc.assert(
      fc.property(programArbitrary, stateArbitrary, eventArbitrary, (program, state, event) => {
        const result = step(program, deepFreeze(state), deepFreeze(event));
        expect(result.effects.length).toBeLessThanOrEqual(limits.effectsPerEvent);
        expect(result.trace.nodes.length).toBeLessThanOrEqual(limits.nodesPerEvent);
        expect(result.trace.redirects.filter(({ followed }) => followed).length).toBeLessThanOrEqual(
          limits.redirectsPerEvent,
        );
        expect(JSON.stringify(result.state).length).toBeLessThanOrEqual(limits.stateBytes);
        const { code = "engine.none" } = result.error ?? {};
        expect(code).toMatch(/^engine\.[a-z_]+$/);
        const isUntouched = result.state === state && result.effects.length === 0;
        expect(result.error === undefined || isUntouched).toBe(true);
        expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(prototypeBefore);
      }),
      runs,
    );
  });

  it("GHSA-9cmh-xcqm-5hqr, CVE-2026-54311: gives the same answer every time", () => {
    fc.assert(
      fc.property(programArbitrary, stateArbitrary, eventArbitrary, (program, state, event) => {
        const first = JSON.stringify(step(program, state, event));
        step(program, state, { ...event, text: "something else", type: "text" });
        expect(JSON.stringify(step(program, state, event))).toBe(first);
      }),
      runs,
    );
  });

  it("gives a state and a trace that survive JSON unchanged", () => {
    fc.assert(
      fc.property(programArbitrary, stateArbitrary, eventArbitrary, (program, state, event) => {
        const { state: after, trace, effects, error } = step(program, state, event);
        expect(JSON.parse(JSON.stringify({ trace, effects }))).toEqual({ trace, effects });
        const isKept = error !== undefined || after.variables === state.variables;
        const made = isKept ? null : after;
        expect(JSON.parse(JSON.stringify(made))).toEqual(made);
        expect(JSON.stringify(effects).isWellFormed()).toBe(true);
        expect(JSON.stringify(effects)).not.toContain("\\u0000");
      }),
      runs,
    );
  });

  it("SECURITY: sends nothing while a person has the conversation and the channel has no live-chat tree", () => {
    fc.assert(
      fc.property(programArbitrary, stateArbitrary, eventArbitrary, (program, state, event) => {
        const { liveTreeId, ...others } = program;
        const result = step(others, { ...state, mode: "live" }, event);
        expect(result.effects).toEqual([]);
        expect(liveTreeId ?? "side").toBe("side");
      }),
      runs,
    );
  });

  it("sends only https links, files of the app by their id, and texts within bounds", () => {
    fc.assert(
      fc.property(programArbitrary, stateArbitrary, eventArbitrary, (program, state, event) => {
        const { effects } = step(program, state, event);
        const strings = effects.flatMap((effect) => (effect.kind === "send" ? listStrings(effect.message) : []));
        const links = strings.flatMap(([key, text]) => (/url$/i.test(key) ? text : []));
        const isSafe = (link: string): boolean => findFileId(link) !== undefined || new URL(link).protocol === "https:";
        expect(links.filter((link) => !isSafe(link))).toEqual([]);
        expect(strings.filter(([key, text]) => text.length > (lengths[key] ?? 0))).toEqual([]);
      }),
      runs,
    );
  });

  it("sends no place off the map", () => {
    fc.assert(
      fc.property(programArbitrary, stateArbitrary, eventArbitrary, (program, state, event) => {
        const { effects } = step(program, state, event);
        const messages = effects.flatMap((effect) => (effect.kind === "send" ? effect.message : []));
        const places = messages.flatMap((message) => (message.type === "location" ? message : []));
        const isOff = (degrees: number, max: number): boolean => !(Math.abs(degrees) <= max);
        expect(places.filter(({ latitude, longitude }) => isOff(latitude, 90) || isOff(longitude, 180))).toEqual([]);
      }),
      runs,
    );
  });
});

const lengths: { readonly [key: string]: number } = {
  type: 20,
  url: limits.urlLength,
  imageUrl: limits.urlLength,
  text: limits.textLength,
  caption: limits.textLength,
  title: limits.titleLength,
  button: limits.titleLength,
  payload: limits.payloadLength,
  description: limits.rowDescriptionLength,
  name: limits.placeLength,
  address: limits.placeLength,
};

/** Every text of a message with its key, at any depth. */
function listStrings(value: object): (readonly [key: string, text: string])[] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    if (typeof item === "string") return [[key, item] as const];
    return typeof item === "object" && item !== null ? listStrings(item) : [];
  });
}
