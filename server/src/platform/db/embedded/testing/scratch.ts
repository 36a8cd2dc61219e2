// Data directories for the tests of the embedded database: made under the system's temporary directory, and emptied of
// processes (by number) and files afterwards. `hold.ts` beside this is a parent process that can be killed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client, type QueryResultRow } from "pg";
import { AppError } from "../../../../kernel/errors.ts";
import { embeddedErrors, findRunningPostgres } from "../index.ts";

export const isRoot = process.geteuid?.() === 0;
const scratches: string[] = [];
const children: number[] = [];

/** Ends what the tests of this file started, and removes their directories. */
export async function cleanUp(): Promise<void> {
  for (const pid of children.splice(0)) killIfThere(pid);
  for (const directory of scratches.splice(0)) {
    await (await findRunningPostgres(join(directory, "data")))?.stop({ force: true });
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** A data directory that does not exist yet, in a parent that everybody may enter. */
export async function makeDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "parley-embedded-"));
  await chmod(directory, 0o711);
  scratches.push(directory);
  return join(directory, "data");
}

/** A deeper data directory of the same scratch, made with passable parents. */
export async function makeDeeper(dataDir: string, ...names: string[]): Promise<string> {
  await mkdir(join(dataDir, ...names), { recursive: true, mode: 0o711 });
  return join(dataDir, ...names);
}

export interface Login {
  readonly socketDir: string;
  readonly user?: string;
  readonly database?: string;
}

export async function query(login: Login, text: string): Promise<QueryResultRow[]> {
  const { socketDir: host, user = "parley_admin", database = "postgres" } = login;
  const client = new Client({ host, user, database, ssl: false });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<QueryResultRow>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts the database from another process, which then waits to be killed. Resolves when the database is ready. */
export async function startElsewhere(dataDir: string): Promise<{ parentPid: number; pid: number; adopted: boolean }> {
  const { parentPid, output } = spawnElsewhere(dataDir);
  const answer: unknown = JSON.parse((await output) || "null");
  if (typeof answer === "object" && answer !== null && "pid" in answer && "adopted" in answer) {
    return { parentPid, pid: Number(answer.pid), adopted: answer.adopted === true };
  }
  throw new AppError(embeddedErrors.failed, { note: "the held start did not answer" });
}

/** The same without waiting; the process leads its own group, so a group kill also ends its initdb. */
export function spawnElsewhere(dataDir: string): { parentPid: number; output: Promise<string> } {
  const script = fileURLToPath(new URL("hold.ts", import.meta.url));
  const child = spawn(process.execPath, [script, dataDir], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    env: { PGUSER: "stranger", PGOPTIONS: "-c work_mem=1MB", PARLEY_MASTER_KEY: "must-not-leak", LANG: "de_DE.UTF-8" },
  });
  const parentPid = child.pid ?? 0;
  children.push(parentPid);
  const ended = once(child, "exit").then(() => "");
  const output = Promise.race([once(child.stdout, "data").then(([chunk]) => String(chunk)), ended]);
  return { parentPid, output };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Answers whether there is anything of this name, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Polls until `check` answers true; gives up after 20 s. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while (!(await check())) {
    deadline.throwIfAborted();
    await sleep(5);
  }
}
