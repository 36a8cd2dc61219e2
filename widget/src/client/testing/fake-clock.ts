// A clock that stands until it is moved. Timers run in the order of their time; between two of them everything that was
// promised is let happen.

import type { Clock } from "../environment.ts";

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

export interface FakeClock extends Clock {
  /** Moves the time and runs what falls due. */
  advance(ms: number): Promise<void>;
}

/** Lets everything happen that needs no time. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 4; i += 1) await new Promise((done) => setImmediate(done));
};

/** A clock that begins in 2026. */
export function createFakeClock(): FakeClock {
  let now = Date.UTC(2026, 0, 1);
  let count = 0;
  const timers = new Set<Timer>();
  const findNext = (until: number) =>
    [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.number - b.number)[0];
  return {
    now: () => now,
    after(delayMs, run) {
      count += 1;
      const timer = { at: now + Math.max(1, delayMs), number: count, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let next = findNext(until); next !== undefined; next = findNext(until)) {
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = until;
    },
  };
}
