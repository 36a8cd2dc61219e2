// Lets so many works run at once and makes the others wait their turn, or refuses them when too many wait.

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
