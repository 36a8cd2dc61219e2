// Locks over all tabs without the Web Locks API, on what the tabs share: the shelf. Slower by a moment for each call; loaded
// only where the browser has nothing better.

import type { Clock, Locks, Shelf } from "./environment.ts";

export { createPageLocks } from "./page-locks.ts";

interface StorageLocksOptions {
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Locks of this tab. */
  readonly page: Locks;
}

/** A hold whose tab vanished is void after this time; longer than any call may take. */
const holdMs = 130_000;
/** What a write of another tab may need to be seen here. */
const settleMs = 50;

/**
 * Locks without the Web Locks API (pages in clear text, old browsers): each tab notes its hold on the shelf, looks again
 * after a moment and gives way to an exclusive one. On a shelf in memory it is a lock of the page.
 */
export function createStorageLocks({ shelf, clock, randomBytes, page }: StorageLocksOptions): Locks {
  const tab = [...randomBytes(8)].map((byte) => byte.toString(36)).join("");
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
