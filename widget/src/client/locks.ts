// Who may call the server with the token. Calls share the lock, a rotation holds it alone, over all tabs of the browser: so
// no call with a former token is under way when a rotation makes it one, which the server would take for theft.

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

/** Locks of the browser (Web Locks API), over all tabs; the spare ones where it refuses them. */
export function createWebLocks(manager: Pick<LockManager, "request">, spare: Locks): Locks {
  return {
    async hold(name, mode, run) {
      let isGranted = false;
      try {
        return await manager.request(name, { mode }, async () => {
          isGranted = true;
          return await run();
        });
      } catch (error) {
        if (isGranted) throw error;
        return await spare.hold(name, mode, run);
      }
    },
  };
}
