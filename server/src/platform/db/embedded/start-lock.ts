// One start at a time for a data directory. The lock is a file with the holder's process number and start time, put in
// place by a hard link: it exists with its content or not at all. A lock whose holder is gone is moved aside.
// PostgreSQL's own postmaster.pid remains the last word on two postmasters; this keeps initdb and copying apart.

import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../kernel/errors.ts";
import { embeddedErrors, hasCode } from "./errors.ts";
import { findStartMark } from "./process-identity.ts";

const waitMsMax = 120_000;
const pollMs = 50;
let attempts = 0;

/** Runs `work` while holding the lock. Waits up to two minutes for another holder, then fails `database.in_use`. */
export async function withStartLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  attempts += 1;
  const draft = `${lockFile}.${process.pid}-${attempts}`;
  await writeFile(draft, `${process.pid} ${(await findStartMark(process.pid)) ?? ""}\n`, { mode: 0o600 });
  try {
    await takeLock(draft, lockFile);
  } finally {
    await rm(draft, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function takeLock(draft: string, lockFile: string): Promise<void> {
  const deadline = AbortSignal.timeout(waitMsMax);
  while (!(await tryLink(draft, lockFile))) {
    const holder = await readHolder(lockFile);
    if (holder !== undefined && !(await isAlive(holder))) await moveAside(lockFile, holder, `${draft}-stale`);
    else await sleep(pollMs);
    if (deadline.aborted) {
      const detail = `Another start of this data directory does not finish (process ${holder ?? "unknown"}). End it and try again.`;
      throw new AppError(embeddedErrors.inUse, { detail, note: detail });
    }
  }
}

async function tryLink(draft: string, lockFile: string): Promise<boolean> {
  try {
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function readHolder(lockFile: string): Promise<string | undefined> {
  try {
    return await readFile(lockFile, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A holder is its line in the file. An empty or torn line (power cut) has no living process. */
async function isAlive(holder: string): Promise<boolean> {
  const [, pid, mark] = /^(\d+) (.*)\n$/.exec(holder) ?? [];
  if (pid === undefined || mark === undefined) return false;
  return (await findStartMark(Number(pid))) === mark;
}

/** Two waiters may see the same dead holder: whoever moves a living one's lock by mistake puts it back. */
async function moveAside(lockFile: string, dead: string, aside: string): Promise<void> {
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== dead) await tryLink(aside, lockFile);
  await rm(aside, { force: true });
}
