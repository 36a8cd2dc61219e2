import { describe, expect, it } from "vitest";
import { createManualClock, systemClock } from "../../kernel/clock.ts";
import { Dispatcher, type Outcome, type Work } from "./index.ts";

const kinds = ["unready", "retry"] as const;

/** Ten pieces of work for one target that all end alike, one call at a time. */
async function dispatch(kind: (typeof kinds)[number], more: { readonly retryAfterMs?: number } = {}) {
  const attempted: Work[] = [];
  const released: { wasTried: boolean; inMs: number }[] = [];
  const dispatcher = new Dispatcher<Work>({
    clock: systemClock,
    attempt: async (work): Promise<Outcome> => {
      attempted.push(work);
      return { kind, ...more };
    },
    release: async (work, dueAtMs, wasTried) => {
      for (const _one of work) released.push({ wasTried, inMs: dueAtMs - systemClock.nowMs() });
    },
    ...{ targetSlots: 1, targetBacklogMax: 100, backlogMax: 100, retryDelaysMs: [60_000] },
  });
  dispatcher.add(
    Array.from({ length: 10 }, (_, index) => ({ lane: String(index), target: "one", attempts: 0 })),
    "claimed",
  );
  await expect.poll(() => released.length).toBe(10);
  return { attempted, released };
}

describe("Dispatcher", () => {
  it("holds what our own side could not do against nobody, and gives it back untried and for soon", async () => {
    const { attempted, released } = await dispatch("unready");
    expect(attempted).toHaveLength(10);
    expect(released.every(({ wasTried, inMs }) => !wasTried && inMs <= 500)).toBe(true);
  });

  it("waits with what our own side cannot do for as long as it is told", async () => {
    const { attempted, released } = await dispatch("unready", { retryAfterMs: 60_000 });
    expect(attempted).toHaveLength(10);
    expect(released.every(({ wasTried, inMs }) => !wasTried && inMs > 50_000 && inMs <= 60_000)).toBe(true);
  });

  it("leaves a target alone that failed five times in a row", async () => {
    const { attempted, released } = await dispatch("retry");
    expect(attempted).toHaveLength(5);
    expect(released.filter(({ wasTried }) => wasTried)).toHaveLength(5);
  });

  it("calls a target again while what came of the last call is recorded, four times its slots at most", async () => {
    const recording: (() => void)[] = [];
    let calls = 0;
    const dispatcher = new Dispatcher<Work>({
      clock: systemClock,
      attempt: async (_work, onCalled): Promise<Outcome> => {
        calls += 1;
        await Promise.resolve();
        onCalled();
        await new Promise<void>((resolve) => recording.push(resolve));
        return { kind: "done" };
      },
      release: async () => undefined,
      ...{ targetSlots: 2, targetBacklogMax: 100, backlogMax: 100, retryDelaysMs: [60_000] },
    });
    dispatcher.add(
      Array.from({ length: 20 }, (_, index) => ({ lane: String(index), target: "one", attempts: 0 })),
      "fresh",
    );
    await expect.poll(() => recording.length).toBe(8);
    expect(calls).toBe(8);
    recording.shift()?.();
    await expect.poll(() => calls).toBe(9);
    while (dispatcher.held > 0) {
      for (const end of recording.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(calls).toBe(20);
  });

  it("keeps a line for a full target: whoever does not fit comes back in turn, behind those before", async () => {
    const clock = createManualClock(1_000_000);
    const calls: (() => void)[] = [];
    const released: number[] = [];
    const dispatcher = new Dispatcher<Work>({
      clock,
      attempt: () => new Promise<Outcome>((resolve) => calls.push(() => resolve({ kind: "done" }))),
      release: async (_work, dueAtMs) => void released.push(dueAtMs - 1_000_000),
      ...{ targetSlots: 1, targetBacklogMax: 2, backlogMax: 100, retryDelaysMs: [60_000] },
    });
    const works = Array.from({ length: 4 }, (_, index) => ({ lane: String(index), target: "one", attempts: 0 }));
    dispatcher.add(works, "fresh");
    await expect.poll(() => released.length).toBe(2);
    const [third = 0, fourth = 0] = released;
    expect(third).toBeGreaterThanOrEqual(500);
    expect(fourth).toBeGreaterThan(third);
    // Two are held, two wait elsewhere: whoever asks now comes behind all of them, and other targets are free.
    const turnMs = (dispatcher.findTurnMs("one") ?? 0) - 1_000_000;
    expect(turnMs).toBeGreaterThan(fourth);
    expect(dispatcher.findTurnMs("two")).toBeUndefined();
    while (dispatcher.held > 0) {
      for (const end of calls.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(dispatcher.findTurnMs("one")).toBeGreaterThan(1_000_000 + turnMs);
    clock.advance(10_000);
    expect(dispatcher.findTurnMs("one")).toBeUndefined();
  });
});
