// Gathers items that arrive one by one and hands them on in batches, in order, one batch at a time. While a batch is
// under way the next one gathers, so batches grow with the load and a lone item waits for nobody.

export interface BatcherOptions<Item, Result> {
  /** Items in one batch at most. */
  readonly batchMax: number;
  /** Handles a batch; results in the same order. When it throws, every item of the batch fails with that error. */
  readonly handle: (items: readonly Item[]) => Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
  }

  /** Items that wait for their batch. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Resolves with the item's own result once its batch is handled. */
  submit(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What else arrives in this turn of the event loop joins the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#options.batchMax);
      this.#waiting = this.#waiting.slice(batch.length);
      await this.#handle(batch);
    }
    this.#running = undefined;
  }

  async #handle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.handle(batch.map((waiting) => waiting.item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
