// Runs one kind of work over and over: at once when woken, and every so often in case nobody woke it. After a failure it
// waits a little longer each time.

import type { Logger } from "../../platform/log/log.ts";

export interface WorkLoopOptions {
  readonly name: string;
  /** Does some work; answers whether there is probably more. */
  readonly work: () => Promise<boolean>;
  readonly idleMs: number;
  readonly log: Logger;
}

const failureMs = { first: 100, most: 5_000 } as const;

export class WorkLoop {
  readonly #options: WorkLoopOptions;
  #running: Promise<void> | undefined;
  #isWoken = false;
  #isStopping = false;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = 0;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.wake();
  }

  /** Answers whether a piece of work is under way. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Says that there is work. Cheap; may be called any number of times. */
  wake(): void {
    this.#isWoken = true;
    if (this.#running !== undefined || this.#isStopping || this.#pauseMs > 0) return;
    clearTimeout(this.#timer);
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#isStopping) this.#rest();
    });
  }

  /** Stops after the piece of work under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #rest(): void {
    const pauseMs = this.#pauseMs;
    if (this.#isWoken && pauseMs === 0) {
      this.wake();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#pauseMs = 0;
      this.wake();
    }, pauseMs || this.#options.idleMs);
  }

  async #run(): Promise<void> {
    let pauseMs = 0;
    while (this.#isWoken && !this.#isStopping) {
      this.#isWoken = false;
      try {
        const hasMore = await this.#options.work();
        this.#isWoken ||= hasMore;
      } catch (error) {
        pauseMs = Math.min(this.#lastPauseMs * 2 || failureMs.first, failureMs.most);
        this.#options.log.error({ error, loop: this.#options.name }, "work failed and will be tried again");
        break;
      }
    }
    this.#lastPauseMs = pauseMs;
    this.#pauseMs = pauseMs;
  }

  #lastPauseMs = 0;
}
