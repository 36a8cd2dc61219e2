// Answers about other processes by number. A number alone proves nothing: after a crash, and above all in a container
// that starts again, the same number belongs to somebody else. So callers compare the command line or the start time.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { hasCode } from "./errors.ts";

const runFile = promisify(execFile);

/** The command line with single spaces, or undefined when there is no such process or it is a zombie. */
export async function findCommandLine(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return await askPs(pid, "command=");
  const text = await readProc(pid, "cmdline");
  return text === undefined || text === "" ? undefined : text.replaceAll("\0", " ");
}

/** A text that tells this process from a later one with the same number; undefined when there is none. */
export async function findStartMark(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return await askPs(pid, "lstart=");
  const text = await readProc(pid, "stat");
  // proc(5): field 22 is the start in clock ticks since boot; the name in field 2 may hold spaces and parentheses.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

/** Answers whether the number is taken, by whomever. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

async function readProc(pid: number, name: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${name}`, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

async function askPs(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await runFile("/bin/ps", ["-ww", "-o", column, "-p", String(pid)], { env: { LC_ALL: "C" } });
    return stdout.trim() === "" ? undefined : `${stdout.trim()} `;
  } catch (error) {
    // ps exits with 1 when nobody has the number.
    if (hasCode(error, "1")) return undefined;
    throw error;
  }
}
