// Work that waits until the answer is out: what is done for a known account only must not show in the time of an answer.
// Bounded, so that a flood of requests costs memory and connections of a fixed size; what is beyond the bound is dropped
// and said in the log.

import { AppError } from "../../kernel/errors.ts";

const runningMax = 2;
const waitingMax = 1000;

export interface AfterwardsLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

interface Waiting {
  readonly name: string;
  readonly work: () => Promise<void>;
}

export class Afterwards {
  readonly #log: AfterwardsLog;
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(log: AfterwardsLog) {
    this.#log = log;
  }

  /** Runs `work` soon, behind what waits. Its failure is logged by code and reaches nobody else. */
  run(name: string, work: () => Promise<void>): void {
    if (this.#waiting.length >= waitingMax) {
      this.#log.warn({ work: name }, "work after an answer was dropped: too much is waiting");
      return;
    }
    this.#waiting.push({ name, work });
    // Not in this turn of the loop, in which the answer is still being written.
    setImmediate(() => this.#startNext());
  }

  /** Resolves when nothing waits or runs: before the database is closed. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.size > 0) {
      this.#startNext();
      await Promise.all(this.#running);
    }
  }

  #startNext(): void {
    if (this.#running.size >= runningMax) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const running = this.#perform(next).finally(() => {
      this.#running.delete(running);
      this.#startNext();
    });
    this.#running.add(running);
  }

  async #perform({ name, work }: Waiting): Promise<void> {
    try {
      await work();
    } catch (error) {
      const code = error instanceof AppError ? error.code : "unknown";
      this.#log.error({ work: name, code }, "work after an answer failed");
    }
  }
}
