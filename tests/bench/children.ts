// Starting and ending the benchmark's processes. Each prints one JSON line when it is ready; each is ended by its own
// number, never by name, and the last resort is SIGKILL.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";

export interface TargetApp {
  readonly appId: string;
  readonly inboundUrl: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly channelSecret: string;
}

/** What a process says when it is ready. Only measured servers have apps. */
export interface Ready {
  readonly pid: number;
  readonly baseUrl: string;
  readonly apps: readonly TargetApp[];
}

export interface Child extends Ready {
  readonly name: string;
  /** The pipe at descriptor 3. */
  readonly pipe: Readable;
  /** Ends it and waits: SIGTERM, after 20 s SIGKILL. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** Every child that has not ended, so that one call can end them all. */
const living = new Set<Child>();

/** Ends every child that is still there, the last started first. */
export async function stopChildren(): Promise<void> {
  for (const child of [...living].reverse()) await child.stop();
}

/** Starts `file` of this folder (or an absolute path) and waits for its ready line. Fails `bench.child_failed`. */
export async function startChild(file: string, args: readonly string[]): Promise<Child> {
  const path = join(import.meta.dirname, file);
  const command = file.startsWith("/") ? file : path;
  // A session of its own: Ctrl-C reaches us alone, and we end the children in order.
  const child = spawn(process.execPath, [...profiling(file), command, ...args], {
    stdio: ["pipe", "pipe", "inherit", "pipe"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
  try {
    const ready = await untilReady(child, file, ended);
    const handle = toHandle(child, { name: file, ready, ended });
    living.add(handle);
    void ended.then(() => living.delete(handle));
    return handle;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** BENCH_CPU_PROF names a folder for V8 profiles of the harness and of what it measures. */
function profiling(file: string): string[] {
  const folder = process.env.BENCH_CPU_PROF;
  return folder === undefined
    ? []
    : [
        "--cpu-prof",
        `--cpu-prof-dir=${folder}`,
        `--cpu-prof-name=${file.replaceAll("/", "_")}-${process.hrtime.bigint()}.cpuprofile`,
      ];
}

function toHandle(child: ChildProcess, parts: { name: string; ready: Ready; ended: Promise<void> }): Child {
  const { name, ready, ended } = parts;
  return {
    ...ready,
    name,
    pipe: child.stdio[3] as Readable,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function untilReady(child: ChildProcess, file: string, ended: Promise<void>): Promise<Ready> {
  const early = ended.then(() => {
    throw new AppError(benchErrors.child, { detail: `${file} ended before it was ready.` });
  });
  const late = new Promise<never>((_resolve, reject) => {
    const detail = `${file} was not ready after ${readyTimeoutMs / 1000} s.`;
    setTimeout(() => reject(new AppError(benchErrors.child, { detail })), readyTimeoutMs).unref();
  });
  return Promise.race([readReadyLine(child), early, late]);
}

function readReadyLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout as Readable }).on("line", (line) => {
      const ready = parseReady(line);
      if (ready !== undefined) resolve(ready);
      else process.stderr.write(`${line}\n`);
    });
  });
}

function parseReady(line: string): Ready | undefined {
  if (!line.startsWith("{")) return undefined;
  const said = JSON.parse(line) as Partial<Ready> & { readonly ready?: boolean };
  if (said.ready !== true || said.pid === undefined || said.baseUrl === undefined) return undefined;
  return { pid: said.pid, baseUrl: said.baseUrl, apps: said.apps ?? [] };
}
