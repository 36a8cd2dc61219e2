// The one clock. Code that needs the time is handed a `Clock`; tests hand in one they move themselves.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** A clock that stands still until moved: for tests of schedules and expiry. */
export function createManualClock(startMs: number): Clock & { advance(byMs: number): void } {
  let currentMs = startMs;
  return {
    nowMs: () => currentMs,
    advance(byMs) {
      currentMs += byMs;
    },
  };
}
