// Looks into a server process through its inspector: garbage is collected before memory is read, so that a figure is what is
// held and not what has not been thrown away yet.

import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";

export interface Memory {
  /** Resident, as the operating system counts it. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
}

/** Started with these, a process can be looked into; by this machine alone. */
export const inspectable = { NODE_OPTIONS: "--inspect=127.0.0.1:0" } as const;

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

export class Inspector {
  readonly #socket: WebSocket;
  readonly #pid: number;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;

  private constructor(socket: WebSocket, pid: number) {
    this.#socket = socket;
    this.#pid = pid;
    socket.addEventListener("message", ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
    });
  }

  /** Opens the inspector of a process that printed where it is. */
  static async open({ pid, output }: { pid: number; output: () => string }): Promise<Inspector> {
    const address = /Debugger listening on (ws:\/\/127\.0\.0\.1:\S+)/.exec(output())?.[1];
    if (address === undefined) throw new AppError(benchErrors.wire, { note: "the server cannot be looked into" });
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return new Inspector(socket, pid);
  }

  /** What the process holds, once it has settled and twice collected its garbage. */
  async measure(): Promise<Memory> {
    for (let round = 0; round < 3; round += 1) {
      await wait(700);
      await this.#call("HeapProfiler.collectGarbage");
    }
    await wait(300);
    const { heapUsed, external } = JSON.parse(await this.evaluate("JSON.stringify(process.memoryUsage())")) as {
      heapUsed: number;
      external: number;
    };
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#pid}/status`, "utf8"))?.[1];
    return { rssBytes: Number(kib) * 1024, heapBytes: heapUsed, externalBytes: external };
  }

  /** The value of an expression in the process. */
  async evaluate(expression: string): Promise<string> {
    const { result } = await this.#call("Runtime.evaluate", { expression, returnByValue: true });
    return String(result?.result?.value);
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string, params: object = {}): Promise<Reply> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, (reply) => {
        this.#waiting.delete(id);
        resolve(reply);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
