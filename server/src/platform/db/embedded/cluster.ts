// The cluster on disk: made once by initdb in a temporary sibling and renamed when complete, so PGDATA is whole or
// absent. Who may enter is written before every start: our operating-system user, as three roles, and nobody else.

import { execFile } from "node:child_process";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { AppError } from "../../../kernel/errors.ts";
import { type Account, childEnvironment, openOwned, ownDirectory } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { embeddedErrors, hasCode } from "./errors.ts";
import type { Layout } from "./layout.ts";
import { embeddedRoles } from "./session.ts";

const runFile = promisify(execFile);
const draftPrefix = "postgres-init-";
const initTimeoutMs = 300_000;

const initArguments = [
  `--username=${embeddedRoles.admin}`,
  // Sorting and case rules come with PostgreSQL itself and do not change under an index when the system is upgraded.
  "--locale-provider=builtin",
  // macOS has no libc locale C.UTF-8 on every release; the builtin one is chosen by its own option there.
  ...(process.platform === "darwin"
    ? ["--locale=C", "--lc-ctype=en_US.UTF-8", "--builtin-locale=C.UTF-8"]
    : ["--locale=C.UTF-8"]),
  "--encoding=UTF8",
  "--data-checksums",
  "--auth-local=peer",
  "--auth-host=reject",
  "--no-instructions",
];

/** Makes the cluster when there is none: true when it did. Fails on a directory of another major version. */
export async function ensureCluster(layout: Layout, account: Account, binaries: Binaries): Promise<boolean> {
  await removeDrafts(layout.dataDir);
  const major = await findMajor(layout.pgdata);
  if (major === binaries.major) return false;
  if (major !== undefined) {
    throw new AppError(embeddedErrors.version, { note: `directory ${major}, programs ${binaries.major}` });
  }
  const draft = join(layout.dataDir, `${draftPrefix}${process.pid}`);
  await mkdir(draft, { mode: 0o700 });
  await ownDirectory(draft, account);
  await runInitdb(draft, account, binaries);
  await writeAccess(draft, account);
  await publish(draft, layout.pgdata);
  return true;
}

/** Writes pg_hba.conf and pg_ident.conf, each in one step. Takes effect at the next start. */
export async function writeAccess(pgdata: string, account: Account): Promise<void> {
  const managed = "# Written by Parley at every start.\n";
  // SECURITY: this line and this map are all the ways in; no password exists and no host line.
  await replaceFile(join(pgdata, "pg_hba.conf"), `${managed}local all all peer map=parley\n`, account);
  const lines = Object.values(embeddedRoles).map((role) => `parley "${account.clientName}" ${role}\n`);
  await replaceFile(join(pgdata, "pg_ident.conf"), managed + lines.join(""), account);
}

/** A killed start may leave an unfinished cluster, with its initdb still writing for a moment. */
async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(draftPrefix)) await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function findMajor(pgdata: string): Promise<string | undefined> {
  try {
    return (await readFile(join(pgdata, "PG_VERSION"), "utf8")).trim();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function runInitdb(draft: string, account: Account, binaries: Binaries): Promise<void> {
  try {
    await runFile(binaries.initdb, [`--pgdata=${draft}`, ...initArguments], {
      cwd: "/",
      env: childEnvironment,
      timeout: initTimeoutMs,
      ...account.drop,
    });
  } catch (cause) {
    const output = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    throw new AppError(embeddedErrors.failed, { cause, note: `initdb: ${output === "" ? String(cause) : output}` });
  }
}

/** initdb has synced the files; the rename itself must also survive a power cut. */
async function publish(draft: string, pgdata: string): Promise<void> {
  await rename(draft, pgdata);
  const parent = await open(dirname(pgdata));
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

async function replaceFile(path: string, content: string, account: Account): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  const handle = await openOwned(draft, "create", account);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}
