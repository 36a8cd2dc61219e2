// The running postmaster of a data directory: finding it, asking it, ending it. A postmaster outlives a killed parent,
// so what counts is postmaster.pid together with the command line of that process, never the number alone.

import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../kernel/errors.ts";
import { embeddedErrors, hasCode } from "./errors.ts";
import { type Layout, toSocketPath } from "./layout.ts";
import { findCommandLine, isTaken } from "./process-identity.ts";

export interface Postmaster {
  readonly pid: number;
  readonly pgdata: string;
  readonly socketDir: string;
}

const fastStopMsMax = 20_000;
const immediateStopMsMax = 10_000;
const pollMs = 10;

/** The living postmaster of `pgdata`, ready or not. Fails `database.other_user` when we may not read the directory. */
export async function findPostmaster(pgdata: string): Promise<Postmaster | undefined> {
  const lines = await readLockLines(join(pgdata, "postmaster.pid"));
  const pid = Number(lines[0]);
  // Line 5 is empty until the socket is open; the caller asks again.
  const socketDir = lines[4] ?? "";
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const postmaster = { pid, pgdata, socketDir };
  return (await isAlive(postmaster)) ? postmaster : undefined;
}

/** Answers whether this process still is the postmaster of this directory. */
export async function isAlive({ pid, pgdata }: Postmaster): Promise<boolean> {
  const command = await findCommandLine(pid);
  return command?.includes(`postgres -D ${pgdata} `) ?? false;
}

/**
 * Clears what a crash left behind, so that PostgreSQL starts. Only call when `findPostmaster` finds none.
 * Fails `database.in_use` when somebody answers on the socket all the same: a postmaster in another container.
 */
export async function removeStaleFiles(layout: Layout): Promise<void> {
  const socket = toSocketPath(layout.socketDir);
  if (await answers(socket)) throw new AppError(embeddedErrors.inUse, { note: layout.dataDir });
  const pidFile = join(layout.pgdata, "postmaster.pid");
  const pid = Number((await readLockLines(pidFile))[0]);
  // A file with a dead number stays: PostgreSQL reads the shared memory key in it and waits for orphaned sessions.
  // It only stumbles over an unreadable file and over a number that some other process has got since.
  if (!Number.isSafeInteger(pid) || pid <= 0 || isTaken(pid)) await rm(pidFile, { force: true });
  await rm(`${socket}.lock`, { force: true });
  await rm(socket, { force: true });
}

/**
 * Ends the postmaster and waits: fast (sessions are cut, a checkpoint is written), after 20 s immediate (the next start
 * recovers from the WAL). Fails `database.stop_failed` when it is not ours to end, or still there after 30 s.
 */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  await sendSignal(postmaster, "SIGINT");
  if (await hasEnded(postmaster, fastStopMsMax)) return;
  await sendSignal(postmaster, "SIGQUIT");
  if (await hasEnded(postmaster, immediateStopMsMax)) return;
  throw new AppError(embeddedErrors.stop, { note: `process ${postmaster.pid}` });
}

async function sendSignal(postmaster: Postmaster, signal: "SIGINT" | "SIGQUIT"): Promise<void> {
  // Asked again right before, so that a number that changed hands is not hit.
  if (!(await isAlive(postmaster))) return;
  try {
    process.kill(postmaster.pid, signal);
  } catch (cause) {
    if (hasCode(cause, "ESRCH")) return;
    throw new AppError(embeddedErrors.stop, { cause, note: `process ${postmaster.pid}` });
  }
}

async function hasEnded(postmaster: Postmaster, timeoutMs: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(timeoutMs);
  while (!deadline.aborted) {
    if (!(await isAlive(postmaster))) return true;
    await sleep(pollMs);
  }
  return false;
}

async function readLockLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    if (hasCode(error, "EACCES", "EPERM")) throw new AppError(embeddedErrors.forbidden, { cause: error });
    throw error;
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
