// Who may call the server with the token. Calls share the lock, a rotation holds it alone, over all tabs of the browser: so
// no call with a former token is under way when a rotation makes it one, which the server would take for theft.

import type { Clock, Locks, Shelf } from "./environment.ts";

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

interface StorageLocksOptions {
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** A hold whose tab vanished is void after this time; longer than any call may take. */
const holdMs = 130_000;
/** What a write of another tab may need to be seen here. */
const settleMs = 50;

/**
 * Locks without the Web Locks API (pages in clear text, old browsers): each tab notes its hold on the shelf, looks again
 * after a moment and gives way to an exclusive one. On a shelf in memory it is a lock of the page.
 */
export function createStorageLocks({ shelf, clock, randomBytes }: StorageLocksOptions): Locks {
  const tab = [...randomBytes(8)].map((byte) => byte.toString(36)).join("");
  const page = createPageLocks();
  const wait = () => new Promise<void>((done) => clock.after(settleMs, done));
  let count = 0;
  const others = (prefix: string, own: string) =>
    shelf.list(prefix).filter((key) => {
      if (key === own) return false;
      if (Number(shelf.get(key)) > clock.now()) return true;
      shelf.remove(key);
      return false;
    });
  const share = async (name: string): Promise<string> => {
    count += 1;
    const own = `${name}:shared:${tab}${count}`;
    const isBarred = () => others(`${name}:exclusive:`, own).length > 0;
    for (;;) {
      while (isBarred()) await wait();
      shelf.set(own, String(clock.now() + holdMs));
      await wait();
      if (!isBarred()) return own;
      shelf.remove(own);
    }
  };
  const seize = async (name: string): Promise<string> => {
    // The time in the key makes the order of those who wait.
    const own = `${name}:exclusive:${clock.now()}:${tab}`;
    do {
      shelf.set(own, String(clock.now() + holdMs));
      await wait();
    } while (
      others(`${name}:exclusive:`, own).some((rival) => rival < own) ||
      others(`${name}:shared:`, own).length > 0
    );
    return own;
  };
  return {
    hold: (name, mode, run) =>
      page.hold(name, mode, async () => {
        const own = await (mode === "shared" ? share(name) : seize(name));
        try {
          return await run();
        } finally {
          shelf.remove(own);
        }
      }),
  };
}
