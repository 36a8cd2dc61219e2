// Asks the strength thread and keeps it in bounds: at most 32 questions wait, an answer comes within the time limit or the
// thread is ended, and a thread nobody asked for a minute is ended too. Passwords are set rarely, so the memory the lists
// take (some 80 MB with the thread itself) is held for that minute only; nothing of it is loaded before the first question.

import { Worker } from "node:worker_threads";
import { AppError } from "../../../kernel/errors.ts";
import { identityErrors } from "../errors.ts";

export type Strength = 0 | 1 | 2 | 3 | 4;

export interface StrengthQuestion {
  readonly id: number;
  readonly password: string;
  readonly contextWords: readonly string[];
}

export interface StrengthAnswer {
  readonly id: number;
  /** The whole password, whatever its case, is on the list of common ones. */
  readonly isCommon: boolean;
  readonly score: Strength;
  /** What makes it weak and what would help, in sentences. Empty for a strong one. */
  readonly advice: readonly string[];
  /** Only the beginning was scored. */
  readonly isCut: boolean;
}

export interface StrengthMeterOptions {
  /** From the question to its answer, the start of the thread included. 10 000 unless told. */
  readonly timeoutMs?: number;
  /** The thread ends when it was asked nothing for so long. 60 000 unless told. */
  readonly idleMs?: number;
  /** 32 unless told. */
  readonly waitingMax?: number;
}

interface Pending {
  resolve(answer: StrengthAnswer): void;
  reject(reason: AppError): void;
  readonly timer: NodeJS.Timeout;
}

export class StrengthMeter {
  readonly #timeoutMs: number;
  readonly #idleMs: number;
  readonly #waitingMax: number;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: StrengthMeterOptions = {}) {
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#idleMs = options.idleMs ?? 60_000;
    this.#waitingMax = options.waitingMax ?? 32;
  }

  /**
   * Looks one password up and scores it. Throws `identity.busy` when too many wait, when it takes too long or when the
   * thread fails: a password that could not be looked up is not accepted.
   */
  measure(password: string, contextWords: readonly string[]): Promise<StrengthAnswer> {
    if (this.#pending.size >= this.#waitingMax) return Promise.reject(createBusy("too many wait to be scored"));
    clearTimeout(this.#idleTimer);
    const worker = (this.#worker ??= this.#start());
    // Holds the process while somebody waits, and only then.
    worker.ref();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<StrengthAnswer>();
    const timer = setTimeout(() => void this.#end("scoring took too long"), this.#timeoutMs);
    this.#pending.set(id, { resolve, reject, timer });
    worker.postMessage({ id, password, contextWords: [...contextWords] } satisfies StrengthQuestion, []);
    return promise;
  }

  /** Whether the lists are in memory. */
  get isLoaded(): boolean {
    return this.#worker !== undefined;
  }

  /** Ends the thread; who waits is told to try again. */
  async close(): Promise<void> {
    await this.#end("closing");
  }

  #start(): Worker {
    // SECURITY: the thread gets no environment, so no setting or secret of the server is in its reach.
    const worker = new Worker(new URL("./strength-worker.ts", import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    });
    worker.on("message", (answer: StrengthAnswer) => this.#settle(answer));
    const fail = (reason: unknown) => {
      if (this.#worker === worker) void this.#end(`the thread ended: ${String(reason)}`);
    };
    worker.on("error", fail);
    worker.on("exit", fail);
    return worker;
  }

  #settle(answer: StrengthAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(answer.id);
    pending.resolve(answer);
    if (this.#pending.size > 0) return;
    this.#worker?.unref();
    this.#idleTimer = setTimeout(() => void this.#end("idle"), this.#idleMs).unref();
  }

  async #end(why: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    clearTimeout(this.#idleTimer);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(createBusy(why));
    }
    this.#pending.clear();
    await worker?.terminate();
  }
}

function createBusy(note: string): AppError {
  return new AppError(identityErrors.busy, { note, retryAfterSeconds: 2 });
}
