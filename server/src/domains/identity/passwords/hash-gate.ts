// How many hashes run at once. Hashing is meant to be expensive, so without a bound a stranger could exhaust memory or the
// thread pool with sign-ins. Two run: they take 128 MiB and leave two of the pool's four threads to files and DNS. A few
// wait their turn; the rest are told to come back.

import { AppError } from "../../../kernel/errors.ts";
import { identityErrors } from "../errors.ts";

export class HashGate {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly runningMax: number; readonly waitingMax: number }) {
    this.#runningMax = limits.runningMax;
    this.#waitingMax = limits.waitingMax;
  }

  /** Runs `work` when a place is free, in the order of the calls. Throws `identity.busy` when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.length >= this.#waitingMax) {
      throw new AppError(identityErrors.busy, { note: `${this.#waiting.length} hashes wait`, retryAfterSeconds: 2 });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  #leave(): void {
    // The place is handed on, not freed, so that nobody slips in before the one who waits.
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
