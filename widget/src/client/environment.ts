// What the chat needs of the browser, handed in so that tests can hold the network, the clock and other tabs in their
// hands. `browser.ts` is the only place of the chat that touches globals.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after the time; answers how to prevent it. */
  after(delayMs: number, run: () => void): () => void;
}

/** A place for strings that outlives the page, or a map when the browser grants none. */
export interface Shelf {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** Every key with the prefix. */
  list(prefix: string): string[];
}

/** Words between the tabs of one browser; never to the own tab. */
export interface TabChannel {
  tell(word: unknown): void;
  close(): void;
}

/** Who may call the server with the token, over all tabs of the browser. */
export interface Locks {
  /** Runs while holding the named lock; frees it whatever becomes of the run. */
  hold<Value>(name: string, mode: "shared" | "exclusive", run: () => Promise<Value>): Promise<Value>;
}

export interface Environment {
  readonly clock: Clock;
  /** `fetch` of the browser. */
  readonly request: (path: string, init: RequestInit) => Promise<Response>;
  readonly shelf: Shelf;
  readonly locks: Locks;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly openTabChannel: (name: string, hear: (word: unknown) => void) => TabChannel;
  readonly isOnline: () => boolean;
  readonly isVisible: () => boolean;
  /** Calls when the network came back or the page is looked at again; answers how to stop. */
  readonly onWake: (run: () => void) => () => void;
}

/** A shelf in memory: what a browser with blocked storage gets. */
export function createMemoryShelf(): Shelf {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    remove: (key) => void entries.delete(key),
    list: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}
