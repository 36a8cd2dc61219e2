// Which operating-system user runs PostgreSQL, and whether that user can reach the data. PostgreSQL refuses to run as
// root, so a Parley started as root gives it to the owner of an existing cluster, otherwise to `nobody`.
// The child never inherits our environment: it would carry the caller's PG* variables and Parley's secrets.

import { constants } from "node:fs";
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { AppError } from "../../../kernel/errors.ts";
import { embeddedErrors } from "./errors.ts";

export interface Account {
  /** The operating-system user that connects: the only one in the ident map. */
  readonly clientName: string;
  /** Whom to become when spawning; absent when Parley itself is not root. */
  readonly drop: { readonly uid: number; readonly gid: number } | undefined;
}

// SECURITY: the whole environment of the postmaster. macOS has no libc locale C.UTF-8 on every release, and PostgreSQL
// there refuses to start without a valid LC_ALL.
export const childEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/bin:/bin",
  LC_ALL: process.platform === "darwin" ? "C" : "C.UTF-8",
};

/** The account for this cluster. Fails when our user has no name, or the cluster belongs to somebody else. */
export async function getAccount(pgdata: string): Promise<Account> {
  const clientName = getClientName();
  const owner = await stat(pgdata).catch(() => undefined);
  const uid = process.geteuid?.();
  if (uid !== 0) {
    if (owner !== undefined && owner.uid !== uid) throw new AppError(embeddedErrors.forbidden, { note: pgdata });
    return { clientName, drop: undefined };
  }
  if (owner !== undefined && owner.uid !== 0) return { clientName, drop: { uid: owner.uid, gid: owner.gid } };
  return { clientName, drop: await getNobody() };
}

function getClientName(): string {
  let name: string;
  try {
    name = userInfo().username;
  } catch (cause) {
    throw new AppError(embeddedErrors.account, { cause, note: "our user id has no name" });
  }
  // A leading slash makes the entry a regular expression; a quote or a line break would end it.
  if (!/^[^\s"/][^\r\n"]*$/.test(name))
    throw new AppError(embeddedErrors.account, { note: "the name cannot be mapped" });
  return name;
}

async function getNobody(): Promise<{ uid: number; gid: number }> {
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  const [, , uid, gid] = /^nobody:.*$/m.exec(passwd)?.[0].split(":") ?? [];
  if (uid === undefined || gid === undefined) {
    const detail =
      "Parley runs as root and there is no user nobody to run the database. Run Parley as another user, or set DATABASE_URL.";
    throw new AppError(embeddedErrors.account, { detail, note: detail });
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Throws `database.data_unreachable`, naming the directory in the way, when the account cannot enter `directory`.
 * Looks at mode bits only; says nothing when we do not drop privileges.
 */
export async function assertReachable(directory: string, account: Account): Promise<void> {
  if (account.drop === undefined) return;
  for (let current = directory; ; current = dirname(current)) {
    if (!mayEnter(await stat(current), account.drop)) {
      const detail =
        `Parley runs as root, so its database runs as user id ${account.drop.uid}, which may not enter ${current}. ` +
        "Set PARLEY_DATA_DIR to a directory whose parents everybody may enter, for example /var/lib/parley, " +
        "or run Parley as the user that owns the directory.";
      throw new AppError(embeddedErrors.unreachable, { detail, note: detail });
    }
    if (current === dirname(current)) return;
  }
}

function mayEnter(directory: { uid: number; gid: number; mode: number }, user: { uid: number; gid: number }): boolean {
  if (directory.uid === user.uid) return (directory.mode & 0o100) !== 0;
  if (directory.gid === user.gid) return (directory.mode & 0o010) !== 0;
  return (directory.mode & 0o001) !== 0;
}

// SECURITY: the database's user owns these directories and could put a link to somebody else's file in place of a name
// between two calls. So root changes owners and modes through a handle opened without following links, never by path.

/** Makes an existing directory private to the account. Fails `database.directory_unsafe` when it is a link or not ours. */
export async function ownDirectory(directory: string, account: Account): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const handle = await open(directory, flags).catch((cause: unknown) => {
    throw new AppError(embeddedErrors.directory, { cause, note: directory });
  });
  try {
    const { uid } = await handle.stat();
    if (uid !== process.geteuid?.() && uid !== account.drop?.uid) {
      throw new AppError(embeddedErrors.directory, { note: directory });
    }
    await own(handle, account, 0o700);
  } finally {
    await handle.close();
  }
}

/** Opens a file of the account's for writing, private to it; a link in its place is refused. */
export async function openOwned(path: string, flag: "append" | "create", account: Account): Promise<FileHandle> {
  const how = flag === "append" ? constants.O_APPEND : constants.O_EXCL;
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | how, 0o600);
  try {
    await own(handle, account, 0o600);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function own(handle: FileHandle, account: Account, mode: number): Promise<void> {
  await handle.chmod(mode);
  if (account.drop !== undefined) await handle.chown(account.drop.uid, account.drop.gid);
}
