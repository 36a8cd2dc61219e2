import { describe, expect, it } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { Dispatcher, type Outcome, type Work } from "./index.ts";

const kinds = ["unready", "retry"] as const;

/** Ten pieces of work for one target that all end alike, one call at a time. */
async function dispatch(kind: (typeof kinds)[number]) {
  const attempted: Work[] = [];
  const released: { wasTried: boolean; inMs: number }[] = [];
  const dispatcher = new Dispatcher<Work>({
    clock: systemClock,
    attempt: async (work): Promise<Outcome> => {
      attempted.push(work);
      return { kind };
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
});
