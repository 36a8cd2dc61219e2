// Gathers items that arrive one by one and hands them on in batches, in order. While a batch is under way the next one
// gathers, so batches grow with the load and a lone item waits for nobody. A batch that only waits for its end may let the
// next one begin: two are then under way at once, never with items that must come one after the other.

/** Two batches at once keep this process busy while the other waits; more would only make them smaller. */
const underWayMax = 2;

export interface BatcherOptions<Item, Result> {
  /** Items in one batch at most. */
  readonly batchMax: number;
  /** How long the first item of a batch waits for others; a turn of the event loop unless told. */
  readonly gatherMs?: number;
  /**
   * Handles a batch; results in the same order. When it throws, nothing was done, and every item of the batch fails with that
   * error. `goOn` lets the next batch begin before this one has ended.
   */
  readonly handle: (items: readonly Item[], goOn: () => void) => Promise<readonly Result[]>;
  /**
   * Whether an error may be one item's alone. The halves of a batch that failed so are handled by themselves, one after the
   * other, until only the items that cannot be handled fail.
   */
  readonly splitsOn?: (error: unknown) => boolean;
  /** Items that share a key stay in order: none begins before the batch of the other has ended. Needed with `goOn`. */
  readonly keysOf?: (item: Item) => readonly number[];
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly keys: readonly number[];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  /** The keys of the batches under way. */
  readonly #busy = new Set<number>();
  #underWay = 0;
  /** A batch is about to begin, or has begun and did not let the next one go on. */
  #isTaken = false;
  #idle: PromiseWithResolvers<void> | undefined;

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
    this.#waiting.push({ item, keys: this.#options.keysOf?.(item) ?? [], resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drain(): Promise<void> {
    if (this.#waiting.length === 0 && this.#underWay === 0) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  #schedule(): void {
    if (this.#isTaken || this.#waiting.length === 0 || this.#underWay >= underWayMax) return;
    this.#isTaken = true;
    // What else arrives meanwhile joins the batch.
    const { gatherMs } = this.#options;
    if (gatherMs === undefined) setImmediate(() => void this.#run());
    else setTimeout(() => void this.#run(), gatherMs);
  }

  async #run(): Promise<void> {
    const batch = this.#take();
    let hasGoneOn = false;
    const goOn = (): void => {
      if (hasGoneOn) return;
      hasGoneOn = true;
      this.#isTaken = false;
      this.#schedule();
    };
    // Everything that waits comes behind something under way, whose end asks again.
    if (batch.length === 0) {
      this.#isTaken = false;
      return;
    }
    this.#underWay += 1;
    await this.#handle(batch, goOn);
    this.#underWay -= 1;
    for (const { keys } of batch) for (const key of keys) this.#busy.delete(key);
    goOn();
    this.#schedule();
    if (this.#waiting.length > 0 || this.#underWay > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** The next batch: what waits, in order, but for what must come behind something that waits or is under way. */
  #take(): Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    const passedOver = new Set<number>();
    let seen = 0;
    for (const waiting of this.#waiting) {
      if (batch.length >= this.#options.batchMax) break;
      seen += 1;
      if (waiting.keys.some((key) => this.#busy.has(key) || passedOver.has(key))) {
        rest.push(waiting);
        for (const key of waiting.keys) passedOver.add(key);
      } else batch.push(waiting);
    }
    this.#waiting = [...rest, ...this.#waiting.slice(seen)];
    for (const { keys } of batch) for (const key of keys) this.#busy.add(key);
    return batch;
  }

  async #handle(batch: readonly Waiting<Item, Result>[], goOn: () => void): Promise<void> {
    try {
      const results = await this.#options.handle(
        batch.map((waiting) => waiting.item),
        goOn,
      );
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      const isDivided = batch.length > 1 && this.#options.splitsOn?.(error) === true;
      if (!isDivided) {
        for (const waiting of batch) waiting.reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.#handle(batch.slice(0, middle), goOn);
      await this.#handle(batch.slice(middle), goOn);
    }
  }
}
