// Mail of a server without a mail server: kept as files beside the data, for the operator to read with `parley mail`.
// Letters hold links that sign people in, so only the owner of the data may read them, and the oldest go.

import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { drawBytes } from "../crypto/random.ts";
import { mailErrors } from "./errors.ts";
import type { Letter } from "./letter.ts";

export interface KeptMail extends Letter {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly date: string;
  readonly from: string;
}

export type KeptMailHead = Pick<KeptMail, "id" | "date" | "to" | "subject">;

const keptMax = 500;
const fileName = /^(\d{13}-\d{6}-[0-9a-f]{8})\.json$/;
const keptMail = z.object({
  id: z.string(),
  date: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});
let sequence = 0;

/** The folder of local mail inside the data folder. */
export function toOutboxDir(dataDir: string): string {
  return join(dataDir, "mail");
}

async function prepare(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // SECURITY: a folder that somebody put in our place, or that others may enter, does not get letters.
    if (!(await lstat(folder)).isDirectory()) throw new AppError(mailErrors.outboxUnusable, { note: "not a folder" });
    await chmod(folder, 0o700);
  } catch (error) {
    throw error instanceof AppError ? error : new AppError(mailErrors.outboxUnusable, { cause: error });
  }
}

/** Names of the kept mails, oldest first. */
async function listNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new AppError(mailErrors.outboxUnusable, { cause: error });
  });
  return names.filter((name) => fileName.test(name)).sort();
}

/** Keeps a letter and removes the oldest above 500. Throws `mail.outbox_unusable`. */
export async function keepMail(
  folder: string,
  letter: Letter,
  about: { from: string; nowMs: number },
): Promise<string> {
  await prepare(folder);
  sequence = (sequence + 1) % 1_000_000;
  const id = [
    String(about.nowMs).padStart(13, "0"),
    String(sequence).padStart(6, "0"),
    drawBytes(4).toString("hex"),
  ].join("-");
  const mail: KeptMail = { id, date: new Date(about.nowMs).toISOString(), from: about.from, ...letter };
  const unfinished = join(folder, `${id}.part`);
  try {
    // SECURITY: `wx` follows no link that waits under the name, and nobody else may read the file.
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(JSON.stringify(mail, null, 2));
    } finally {
      await file.close();
    }
    await rename(unfinished, join(folder, `${id}.json`));
  } catch (error) {
    throw new AppError(mailErrors.outboxUnusable, { cause: error });
  }
  const names = await listNames(folder);
  await Promise.all(names.slice(0, -keptMax).map((name) => rm(join(folder, name), { force: true })));
  return id;
}

async function read(folder: string, name: string): Promise<KeptMail | undefined> {
  try {
    return keptMail.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
  } catch {
    return undefined;
  }
}

/** The last mails, newest first. A file that cannot be read is left out. */
export async function listKeptMail(folder: string, last: number): Promise<readonly KeptMailHead[]> {
  const names = last > 0 ? (await listNames(folder)).slice(-last).reverse() : [];
  const mails = await Promise.all(names.map((name) => read(folder, name)));
  return mails.filter((mail) => mail !== undefined).map(({ id, date, to, subject }) => ({ id, date, to, subject }));
}

/** One kept mail. Throws `mail.not_found`, also for an id that is not spelled like one. */
export async function getKeptMail(folder: string, id: string): Promise<KeptMail> {
  const name = `${id}.json`;
  // SECURITY: an id names a file of this folder only.
  const mail = fileName.test(name) ? await read(folder, name) : undefined;
  if (mail === undefined) throw new AppError(mailErrors.notFound);
  return mail;
}
