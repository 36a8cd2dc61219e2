// Locks within one page, for browsers that have none of their own; loaded only there.

import type { Locks } from "./environment.ts";

/** Locks of this page alone: first come, first served, so that an exclusive wish is not starved by shared ones. */
export function createPageLocks(): Locks {
  interface Wish {
    readonly isShared: boolean;
    readonly begin: () => void;
  }
  const held = new Map<string, { holders: number; isShared: boolean; wishes: Wish[] }>();
  const lockOf = (name: string) => {
    const lock = held.get(name) ?? { holders: 0, isShared: true, wishes: [] };
    held.set(name, lock);
    return lock;
  };
  const serve = (name: string) => {
    const lock = lockOf(name);
    for (;;) {
      const [next] = lock.wishes;
      if (next === undefined || (lock.holders > 0 && !(lock.isShared && next.isShared))) return;
      lock.wishes.shift();
      lock.holders += 1;
      lock.isShared = next.isShared;
      next.begin();
    }
  };
  return {
    async hold(name, mode, run) {
      await new Promise<void>((begin) => {
        lockOf(name).wishes.push({ isShared: mode === "shared", begin });
        serve(name);
      });
      try {
        return await run();
      } finally {
        lockOf(name).holders -= 1;
        serve(name);
      }
    },
  };
}
