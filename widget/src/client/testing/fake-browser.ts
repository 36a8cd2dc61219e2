// A browser with several tabs: one shelf, one set of locks, one channel between tabs, one network that can be cut.

import { type ChatOptions, createChat } from "../chat.ts";
import { createMemoryShelf, type Environment, type Locks, type Shelf } from "../environment.ts";
import { createPageLocks, createStorageLocks } from "../storage-locks.ts";
import type { Chat } from "../types.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { FakeServer } from "./fake-server.ts";

interface Tab {
  readonly chat: Chat;
  /** Looked at again, or the network came back. */
  wake(): void;
  /** The tab's process is gone: nothing it awaits goes on. */
  crash(): void;
}

export interface FakeBrowser {
  readonly shelf: Shelf;
  isOnline: boolean;
  isVisible: boolean;
  openTab(options?: Partial<ChatOptions>): Tab;
}

interface BrowserOptions {
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly hasWebLocks?: boolean;
}

const base = {
  channelId: "chn_1",
  locale: "en",
  site: "https://shop.example",
  consentRequired: false,
  identity: "off",
} as const;

/** A browser that nobody has used. */
export function createFakeBrowser({ clock, server, hasWebLocks = true }: BrowserOptions): FakeBrowser {
  const shelf = createMemoryShelf();
  const shared = createPageLocks();
  const ears = new Map<object, (word: unknown) => void>();
  // The browser frees the locks of a tab that is gone; nothing in that tab hears of it.
  const freed = (gone: Promise<void>): Locks => ({
    hold: (name, mode, run) =>
      new Promise((done, fail) => {
        const pass = async () => {
          try {
            done(await run());
          } catch (error) {
            fail(error);
          }
        };
        void shared.hold(name, mode, () => Promise.race([pass(), gone]));
      }),
  });
  let seed = 0;
  const randomBytes = (count: number) => {
    seed += 1;
    return Uint8Array.from({ length: count }, (_, i) => (i < 3 ? seed >> (8 * i) : seed * 31 + i * 17) & 255);
  };
  const openTab = (options: Partial<ChatOptions> = {}): Tab => {
    const wakers = new Set<() => void>();
    const own = {};
    let isCrashed = false;
    let leave: () => void = () => undefined;
    const gone = new Promise<void>((done) => {
      leave = done;
    });
    const never = new Promise<never>(() => undefined);
    const ownClock = {
      now: clock.now,
      after: (ms: number, run: () => void) => clock.after(ms, () => isCrashed || run()),
    };
    const ownShelf: Shelf = { ...shelf, set: (key, value) => isCrashed || shelf.set(key, value) };
    const environment: Environment = {
      clock: ownClock,
      request: async (path, init) => {
        if (isCrashed) return never;
        if (!browser.isOnline) throw new TypeError("offline");
        const response = await server.request(path, init);
        return isCrashed ? never : response;
      },
      shelf: ownShelf,
      locks: hasWebLocks
        ? freed(gone)
        : createStorageLocks({ shelf: ownShelf, clock: ownClock, randomBytes, page: createPageLocks() }),
      randomBytes,
      openTabChannel: (_, hear) => {
        ears.set(own, hear);
        const tell = (word: unknown) => {
          for (const [ear, hear] of ears)
            if (ear !== own) void Promise.resolve().then(() => ears.has(ear) && hear(structuredClone(word)));
        };
        return { tell, close: () => void ears.delete(own) };
      },
      isOnline: () => browser.isOnline,
      isVisible: () => browser.isVisible,
      onWake: (run) => {
        wakers.add(run);
        return () => void wakers.delete(run);
      },
    };
    const chat = createChat({ ...base, ...options, environment });
    const crash = () => {
      isCrashed = true;
      leave();
      ears.delete(own);
      wakers.clear();
    };
    return { chat, crash, wake: () => wakers.forEach((run) => run()) };
  };
  const browser: FakeBrowser = { shelf, isOnline: true, isVisible: true, openTab };
  return browser;
}
