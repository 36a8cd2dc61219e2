// Judges the name somebody gave a file. The name is only ever shown and offered for saving: nothing is stored under it.

import { fileErrors, refuseFile } from "./errors.ts";
import { acceptedExtensions, runnableExtensions } from "./file-types.ts";
import { fileLimits } from "./types.ts";

export interface FileName {
  readonly name: string;
  /** In lower case; empty for a name without. */
  readonly extension: string;
}

// Marks that turn the direction of writing make `exe.gnp` read as `png.exe`; the others are not seen at all.
const disguise = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

function findNameMistake(name: string): string | undefined {
  if (name.length === 0) return "must not be empty";
  if (name.length > fileLimits.nameMax) return `must be at most ${fileLimits.nameMax} characters long`;
  if (!name.isWellFormed() || disguise.test(name))
    return "must not hold control characters or marks that turn text around";
  if (/[/\\]/.test(name)) return "must not hold a slash or backslash: it is a name, not a path";
  if (name.includes("..")) return "must not hold two dots in a row";
  if (/^[.\s]|[.\s]$/.test(name)) return "must not begin or end with a dot or a space";
  return undefined;
}

/**
 * Reads a file's name. Throws `files.name_refused` or `files.double_extension`.
 * SECURITY: no path, no disguise, and no second ending that a server or a desktop would run (GHSA-w6v6-49gh-mc9w).
 */
export function parseFileName(given: string): FileName {
  const name = given.normalize("NFC");
  const mistake = findNameMistake(name);
  if (mistake !== undefined) throw refuseFile(fileErrors.nameRefused, "name", mistake);
  const [, ...endings] = name.split(".").map((part) => part.trim().toLowerCase());
  const extension = endings.at(-1) ?? "";
  const inner = endings.slice(0, -1);
  const hidden = inner.find((ending) => runnableExtensions.has(ending));
  const hides = runnableExtensions.has(extension) ? inner.find((ending) => acceptedExtensions.has(ending)) : undefined;
  const found = hidden ?? hides;
  if (found !== undefined) {
    throw refuseFile(fileErrors.doubleExtension, "name", `must not end in .${found}.${extension}`);
  }
  return { name, extension };
}
