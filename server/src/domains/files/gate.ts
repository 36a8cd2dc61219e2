// Lets so many works run at once and makes the others wait their turn, or refuses them when too many wait.

import { AppError } from "../../kernel/errors.ts";
import { fileErrors } from "./errors.ts";

/** Runs `work` when there is room. Answers with undefined, and runs nothing, when too many wait already. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T> | undefined;

/** A gate for `atOnce` works, with room for `waitingMax` to wait. */
export function createGate(atOnce: number, waitingMax: number): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return (work) => {
    if (running < atOnce) {
      running += 1;
      // Begun behind a promise, so that work that throws at once leaves too.
      return Promise.resolve().then(work).finally(leave);
    }
    if (waiting.length >= waitingMax) return undefined;
    return new Promise<void>((resolve) => waiting.push(resolve)).then(work).finally(leave);
  };
}

/** A gate that several share. */
export type SharedGate = <T>(sharer: string, work: () => Promise<T>) => Promise<T> | undefined;

/** A gate for `atOnce` works of which each sharer has at most `each`: whose work is slow holds up nobody else's. */
export function createSharedGate(options: { atOnce: number; each: number; waitingMax: number }): SharedGate {
  const { atOnce, each, waitingMax } = options;
  const common = createGate(atOnce, waitingMax);
  const own = new Map<string, { gate: Gate; works: number }>();
  return (sharer, work) => {
    const entry = own.get(sharer) ?? { gate: createGate(each, waitingMax), works: 0 };
    // Once past its own gate a work waits at the common one, where it may find too many.
    const done = entry.gate(
      () => common(work) ?? Promise.reject(new AppError(fileErrors.remoteFailed, { note: "busy" })),
    );
    if (done === undefined) return undefined;
    own.set(sharer, entry);
    entry.works += 1;
    return done.finally(() => {
      entry.works -= 1;
      if (entry.works === 0) own.delete(sharer);
    });
  };
}
