// One process of the benchmark: started with our own Node, ended by its number, and never left behind. It has an IPC channel,
// so it ends by itself when this process is killed.

import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";

const stopMsMax = 15_000;
const tailLengthMax = 4_000;

export interface ChildOptions {
  readonly file: string;
  readonly args?: readonly string[];
  /** Where Node writes a processor profile of the process, when wanted. */
  readonly profileDir?: string | undefined;
  /** Where compiled code is kept for the next process of this run: half of what starting one costs. */
  readonly compileCacheDir: string;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #ended: Promise<void>;
  #tail = "";
  #isStopping = false;

  constructor({ file, args = [], profileDir, compileCacheDir }: ChildOptions) {
    this.#name = file;
    const profile = [
      "--cpu-prof",
      `--cpu-prof-dir=${profileDir ?? ""}`,
      `--cpu-prof-name=${file}-${performance.now()}.cpuprofile`,
    ];
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCacheDir },
      // As `npm start` runs the product.
      execArgv: [
        ...(file.includes("product")
          ? ["--max-semi-space-size=16", "--heap-growing-percent=48", "--v8-pool-size=1"]
          : []),
        ...(profileDir === undefined ? [] : profile),
      ],
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#note(chunk.toString()));
    this.#ended = new Promise((resolve) => this.#process.once("exit", () => resolve()));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Why it is no longer there and what it wrote last, or undefined while it runs or when it was asked to end. */
  get failure(): string | undefined {
    const { exitCode, signalCode } = this.#process;
    if (this.#isStopping || (exitCode === null && signalCode === null)) return undefined;
    return this.#describe(`it ended with ${signalCode ?? `status ${exitCode}`}`);
  }

  send(message: object | string): void {
    this.#process.send(message);
  }

  /** The next message over IPC. Rejects `bench.child_failed` when the process ends first or the time is over. */
  receive<T>(timeoutMs: number): Promise<T> {
    return this.#await(timeoutMs, (resolve) => {
      this.#process.once("message", resolve);
      return () => this.#process.off("message", resolve);
    }) as Promise<T>;
  }

  /** The first line of standard output that `read` understands; the rest of the output is read and dropped. */
  receiveLine<T>(timeoutMs: number, read: (line: string) => T | undefined): Promise<T> {
    const input = this.#process.stdout;
    if (input === null) return Promise.reject(this.#toError("it has no output"));
    const lines = createInterface({ input });
    return this.#await(timeoutMs, (resolve) => {
      lines.on("line", (line) => {
        const found = read(line);
        if (found === undefined) this.#note(`${line}\n`);
        else resolve(found);
      });
      return () => undefined;
    }) as Promise<T>;
  }

  /** Asks it to end and waits; a process that does not end within 15 s is killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGTERM");
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), stopMsMax);
    await this.#ended;
    clearTimeout(kill);
  }

  #note(text: string): void {
    this.#tail = (this.#tail + text).slice(-tailLengthMax);
  }

  #describe(reason: string): string {
    return [`${this.#name}: ${reason}.`, this.#tail.trim()].filter((part) => part !== "").join("\n");
  }

  #toError(reason: string): AppError {
    const detail = this.#describe(reason);
    return new AppError(benchErrors.child, { detail, note: detail });
  }

  #await(timeoutMs: number, listen: (resolve: (value: unknown) => void) => () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#process.off("exit", onExit);
        stopListening();
        settle();
      };
      // The last lines of its output arrive a moment after its end.
      const onExit = (): void => void setTimeout(() => finish(() => reject(this.#toError("it ended early"))), 50);
      const timer = setTimeout(() => finish(() => reject(this.#toError("it gave no answer in time"))), timeoutMs);
      const stopListening = listen((value) => finish(() => resolve(value)));
      this.#process.once("exit", onExit);
    });
  }
}
