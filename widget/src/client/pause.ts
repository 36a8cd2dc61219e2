// Waits: a plain one, and one that can be cut short, after which the next try comes when its time has come or at once when
// there is a reason.

import type { Clock } from "./environment.ts";

export interface Pause {
  /** Resolves after the time, or when `cut` is called. One wait at a time. */
  wait(delayMs: number): Promise<void>;
  cut(): void;
}

/** Resolves after the time. */
export const wait = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((done) => void clock.after(delayMs, done));

/** A pause on the clock. */
export function createPause(clock: Clock): Pause {
  let end: (() => void) | undefined;
  return {
    wait: (delayMs) =>
      new Promise((done) => {
        const stop = clock.after(delayMs, () => end?.());
        end = () => {
          end = undefined;
          stop();
          done();
        };
      }),
    cut: () => end?.(),
  };
}
