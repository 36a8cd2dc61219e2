// Starts the postmaster: its own session (Ctrl-C in a terminal must not reach it before the server has drained), a
// clean environment, its stderr appended to a private file, and no hold on our event loop.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, rename, stat } from "node:fs/promises";
import { AppError } from "../../../kernel/errors.ts";
import { type Account, childEnvironment, openOwned } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { embeddedErrors } from "./errors.ts";
import type { Layout } from "./layout.ts";
import { toArguments } from "./settings.ts";

export interface Launch {
  readonly pid: number;
  /** Answers true while the child has not ended. */
  isRunning(): boolean;
  /** Until the system has forgotten the child: one that ended is listed until this process has taken note of it. */
  untilGone(): Promise<void>;
  /** What this run has written to its log, at most the last 20 lines. */
  readTail(): Promise<string>;
}

const logBytesMax = 10 * 1024 * 1024;
const tailBytes = 8 * 1024;
const tailLines = 20;

/** Spawns postgres and returns at once; it may still end early or be recovering. */
export async function launch(
  { layout, account, binaries }: { layout: Layout; account: Account; binaries: Binaries },
  settings: Readonly<Record<string, string>>,
): Promise<Launch> {
  const args = ["-D", layout.pgdata, ...toArguments(layout.socketDir, settings)];
  await rotateLog(layout.logFile);
  const file = await openOwned(layout.logFile, "append", account);
  try {
    const { size } = await file.stat();
    const child = spawn(binaries.postgres, args, {
      // The default would be our directory, which the account may not enter; postgres moves to PGDATA by itself.
      cwd: "/",
      env: childEnvironment,
      detached: true,
      stdio: ["ignore", file.fd, file.fd],
      ...account.drop,
    });
    const pid = await untilSpawned(child);
    child.unref();
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    return {
      pid,
      isRunning,
      untilGone: async () => {
        child.ref();
        if (isRunning()) await once(child, "exit");
      },
      readTail: () => readTail(layout.logFile, size),
    };
  } finally {
    await file.close();
  }
}

function untilSpawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid ?? 0));
    child.once("error", (cause) => reject(new AppError(embeddedErrors.failed, { cause, note: cause.message })));
  });
}

/** One earlier file is kept, so the log never grows without bound across restarts. */
async function rotateLog(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(() => undefined);
  if (found !== undefined && found.size > logBytesMax) await rename(logFile, `${logFile}.1`);
}

async function readTail(logFile: string, fromByte: number): Promise<string> {
  const file = await open(logFile, "r");
  try {
    const { size } = await file.stat();
    const start = Math.max(fromByte, size - tailBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(tailBytes), position: start });
    return buffer.toString("utf8", 0, bytesRead).trim().split("\n").slice(-tailLines).join("\n");
  } finally {
    await file.close();
  }
}
