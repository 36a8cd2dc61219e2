// Where the embedded cluster keeps its things. Everything lies inside the data directory but one: when the path is too
// long for a unix socket, the socket moves to a private directory under the system's temporary directory.

import { chmod, mkdir, realpath, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "../../../kernel/errors.ts";
import { type Account, assertReachable, ownDirectory } from "./account.ts";
import { embeddedErrors, hasCode } from "./errors.ts";
import { socketPort } from "./settings.ts";

export interface Layout {
  /** Absolute, symbolic links resolved. */
  readonly dataDir: string;
  readonly pgdata: string;
  readonly socketDir: string;
  readonly logDir: string;
  readonly logFile: string;
  readonly lockFile: string;
}

/** `sun_path` less its final zero: 108 bytes on Linux, 104 on macOS. */
const socketPathBytesMax = process.platform === "darwin" ? 103 : 107;

/** The path of the socket file that PostgreSQL makes in `socketDir`. */
export function toSocketPath(socketDir: string): string {
  return join(socketDir, `.s.PGSQL.${socketPort}`);
}

/** The layout for an existing data directory, or undefined when there is none. */
export async function findLayout(dataDir: string): Promise<Layout | undefined> {
  let root: string;
  try {
    root = await realpath(dataDir);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  const logDir = join(root, "log");
  return {
    dataDir: root,
    pgdata: join(root, "postgres"),
    socketDir: await toSocketDir(root),
    logDir,
    logFile: join(logDir, "postgres.log"),
    lockFile: join(root, "postgres-start.lock"),
  };
}

/** Creates the data directory when absent: ours alone, but passable when the database runs as another user. */
export async function createLayout(dataDir: string): Promise<Layout> {
  await mkdir(dataDir, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
  const layout = await findLayout(dataDir);
  if (layout === undefined) throw new AppError(embeddedErrors.failed, { note: `${dataDir} vanished` });
  return layout;
}

/** Makes the directories beside PGDATA with their owners and modes, and checks that the account can get there. */
export async function prepareLayout(layout: Layout, account: Account): Promise<void> {
  const root = await stat(layout.dataDir);
  // Passing through shows no names and no contents; the parents are not ours to change.
  if (account.drop !== undefined && root.uid === 0) await chmod(layout.dataDir, (root.mode & 0o7777) | 0o001);
  await assertReachable(layout.dataDir, account);
  await makePrivate(layout.logDir, account);
  await makePrivate(layout.socketDir, account);
  if (dirname(layout.socketDir) !== layout.dataDir) await assertReachable(layout.socketDir, account);
}

/** Removes the socket's directory when it is the one outside the data directory and empty. */
export async function removeSocketDir(dataDir: string, socketDir: string): Promise<void> {
  if (dirname(socketDir) !== dataDir) await rmdir(socketDir).catch(() => undefined);
}

// SECURITY: `peer` proves the client to the server, never the server to the client. A socket in a directory that
// somebody else can write would let them stand in for the database, so an existing directory must be ours.
async function makePrivate(directory: string, account: Account): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  await ownDirectory(directory, account);
}

async function toSocketDir(root: string): Promise<string> {
  const inside = join(root, "run");
  if (Buffer.byteLength(toSocketPath(inside)) <= socketPathBytesMax) return inside;
  // Device and inode name one directory of this machine: stable across starts, without two paths meeting in one hash.
  const { dev, ino } = await stat(root, { bigint: true });
  return join(await realpath(tmpdir()), `parley-${dev.toString(36)}-${ino.toString(36)}`);
}
