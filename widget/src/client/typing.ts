// Tells the other side that the visitor types: at most every four seconds while typing, once when it stops.

import type { Clock } from "./environment.ts";

const everyMs = 4_000;
const idleMs = 6_000;

export interface Typing {
  set(isTyping: boolean): void;
  /** The message went out, which says it as well. */
  reset(): void;
}

/** `tell` is called when the other side should know. */
export function createTyping(clock: Clock, tell: (isTyping: boolean) => void): Typing {
  let toldAt: number | undefined;
  let stopIdle: (() => void) | undefined;
  const reset = () => {
    stopIdle?.();
    toldAt = undefined;
  };
  const end = () => {
    if (toldAt === undefined) return;
    reset();
    tell(false);
  };
  return {
    set(isTyping) {
      if (!isTyping) return end();
      stopIdle?.();
      stopIdle = clock.after(idleMs, end);
      if (toldAt !== undefined && clock.now() - toldAt < everyMs) return;
      toldAt = clock.now();
      tell(true);
    },
    reset,
  };
}
