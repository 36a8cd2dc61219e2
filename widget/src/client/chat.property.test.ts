// Whatever the network, the browser and the tabs do, in whatever order: in the end every message of the visitor is in the
// conversation once, in the order of sending within its tab, and every tab shows exactly what the server holds.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeBrowser } from "./testing/fake-browser.ts";
import { createFakeClock } from "./testing/fake-clock.ts";
import { FakeServer, type Fate } from "./testing/fake-server.ts";

type Step =
  | { readonly do: "send" | "reload" | "wake"; readonly tab: number }
  | { readonly do: "reply" | "cut" | "online" | "offline" | "idle" }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("send" as const), tab: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("reload" as const, "wake" as const), tab: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("reply", "cut", "online", "offline", "idle") }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 20, 300, 5_000, 40_000) }),
  },
);
const limited = () => new Response('{"code":"api.rate_limited"}', { status: 429, headers: { "Retry-After": "3" } });
const broken = () => new Response("<html>", { status: 502 });
const fate = fc.constantFrom<"pass" | "lost" | "unanswered" | "limited" | "broken">(
  ...(["pass", "pass", "pass", "lost", "unanswered", "limited", "broken"] as const),
);

interface Run {
  readonly steps: readonly Step[];
  readonly fates: readonly string[];
  readonly hasWebLocks: boolean;
}

async function play({ steps, fates, hasWebLocks }: Run) {
  const clock = createFakeClock();
  const server = new FakeServer(clock);
  server.pageMax = 3;
  const browser = createFakeBrowser({ clock, server, hasWebLocks });
  const tabs = [browser.openTab(), browser.openTab()];
  const sent: string[][] = [[], []];
  let [calls, replies] = [0, 0];
  const fateOf = (): Fate => {
    const drawn = fates[calls++ % fates.length] ?? "pass";
    return drawn === "limited" ? limited() : drawn === "broken" ? broken() : (drawn as Fate);
  };
  server.fate = fateOf;
  tabs[0]?.chat.open();
  await clock.advance(100);
  for (const one of steps) {
    if (one.do === "send") {
      const text = `${one.tab}.${sent[one.tab]?.length}`;
      if (tabs[one.tab]?.chat.send(text) === true) sent[one.tab]?.push(text);
    } else if (one.do === "reload") {
      tabs[one.tab]?.crash();
      tabs[one.tab] = browser.openTab();
    } else if (one.do === "wake") tabs[one.tab]?.wake();
    else if (one.do === "wait") await clock.advance(one.ms);
    else if (one.do === "idle") await clock.advance(15 * 60_000);
    else if (one.do === "cut") server.cut();
    else if (one.do === "reply") {
      const begun = [...server.visitors.values()].find(({ isBegun }) => isBegun);
      if (begun !== undefined) server.say("bot", `reply ${replies++}`, begun);
    } else browser.isOnline = one.do === "online";
    await clock.advance(1);
  }
  server.fate = () => "pass";
  browser.isOnline = true;
  for (const tab of tabs) tab.chat.open();
  for (const tab of tabs) tab.wake();
  await clock.advance(6 * 60_000);
  for (const { chat } of tabs) {
    for (let i = 0; i < 200 && chat.getState().hasOlder; i += 1) {
      chat.loadOlder();
      await clock.advance(200);
    }
  }
  return { server, tabs, sent };
}

const textOf = (content: unknown) => (content as { text?: string }).text ?? "";

describe("any interleaving of failures", () => {
  it("loses no message, doubles none, keeps the order and ends no session", async () => {
    const runs = fc.record({
      steps: fc.array(step, { minLength: 3, maxLength: 25 }),
      fates: fc.array(fate, { minLength: 1, maxLength: 20 }).filter((fates) => fates.includes("pass")),
      hasWebLocks: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const { server, tabs, sent } = await play(run);
        const begun = [...server.visitors.values()].filter(({ isBegun }) => isBegun);
        expect(begun.length).toBeLessThanOrEqual(1);
        const [visitor] = begun;
        expect(visitor?.end).toBeUndefined();
        const held = visitor?.messages.map(({ content }) => textOf(content)) ?? [];
        for (const own of [0, 1]) expect(held.filter((text) => text.startsWith(`${own}.`))).toEqual(sent[own]);
        for (const { chat } of tabs) {
          const rows = chat.getState().messages;
          expect(rows.map(({ content }) => textOf(content))).toEqual(held);
          expect(rows.every(({ status }) => status === "sent")).toBe(true);
          expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
        }
      }),
      {
        numRuns: Number(process.env["PROPERTY_RUNS"] ?? 60),
        ...(process.env["PROPERTY_SEED"] ? { seed: Number(process.env["PROPERTY_SEED"]) } : {}),
      },
    );
  }, 120_000);
});
