// The environment of a page in a browser: the only place of the chat that touches globals. Storage, locks and the channel
// between tabs may each be refused (private windows, pages in clear text, sandboxes); the chat then works in this tab alone.

import {
  type Clock,
  createMemoryShelf,
  type Environment,
  type Locks,
  type Shelf,
  type TabChannel,
} from "./environment.ts";
import { createWebLocks } from "./locks.ts";

/** A shelf on `localStorage`; from the first refusal (blocked, full) on, what is written stays in memory. */
export function createStorageShelf(open: () => Storage): Shelf {
  const memory = createMemoryShelf();
  let stored: Storage;
  try {
    stored = open();
    stored.setItem("parley", "1");
    stored.removeItem("parley");
  } catch {
    return memory;
  }
  return {
    get: (key) => memory.get(key) ?? stored.getItem(key) ?? undefined,
    set(key, value) {
      try {
        stored.setItem(key, value);
        memory.remove(key);
      } catch {
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.remove(key);
      stored.removeItem(key);
    },
    list: (prefix) => [
      ...new Set([...memory.list(prefix), ...Object.keys(stored).filter((key) => key.startsWith(prefix))]),
    ],
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

function openTabChannel(name: string, hear: (word: unknown) => void): TabChannel {
  try {
    const channel = new BroadcastChannel(name);
    channel.addEventListener("message", (event) => hear(event.data));
    return { tell: channel.postMessage.bind(channel), close: () => channel.close() };
  } catch {
    // Each tab has its own stream, which tells it everything that matters a moment later.
    return { tell: () => undefined, close: () => undefined };
  }
}

function onWake(run: () => void): () => void {
  const look = () => document.visibilityState === "visible" && run();
  addEventListener("online", run);
  document.addEventListener("visibilitychange", look);
  return () => {
    removeEventListener("online", run);
    document.removeEventListener("visibilitychange", look);
  };
}

/** The environment of a page in a browser. */
export function createBrowserEnvironment(): Environment {
  const shelf = createStorageShelf(() => localStorage);
  const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
  let loading: Promise<Locks> | undefined;
  const load = async () => {
    const { createPageLocks, createStorageLocks } = await import("./storage-locks.ts");
    return createStorageLocks({ shelf, clock: systemClock, randomBytes, page: createPageLocks() });
  };
  const spare: Locks = {
    async hold(name, mode, run) {
      loading ??= load();
      return (await loading).hold(name, mode, run);
    },
  };
  return {
    clock: systemClock,
    request: (path, init) => globalThis.fetch(path, init),
    shelf,
    randomBytes,
    locks: navigator.locks === undefined ? spare : createWebLocks(navigator.locks, spare),
    openTabChannel,
    isOnline: () => navigator.onLine,
    isVisible: () => document.visibilityState === "visible",
    onWake,
  };
}
