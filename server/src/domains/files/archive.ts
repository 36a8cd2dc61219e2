// Looks through an archive (ZIP, or an office document, which is one) without keeping anything of it: what it unpacks to is
// counted as it comes out, for what an archive says of itself is written by whoever made it.

import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { AppError } from "../../kernel/errors.ts";
import { fileErrors, refuseFile } from "./errors.ts";
import { fileLimits } from "./types.ts";

const unixModeShift = 16;
const fileTypeMask = 0o170000;
/** No type given, a file, a folder. Everything else is a link or a device. */
const plainModes = new Set([0, 0o100000, 0o040000]);
const macros = /(?:^|\/)vbaProject\.bin$/i;

function refuse(message: string): AppError {
  return refuseFile(fileErrors.archiveRefused, "bytes", message);
}

function refuseBomb(message: string): AppError {
  return refuseFile(fileErrors.archiveBomb, "bytes", message);
}

function assertPlainEntry(entry: Entry, isOffice: boolean): void {
  const mode = (entry.externalFileAttributes >>> unixModeShift) & fileTypeMask;
  if (!plainModes.has(mode)) throw refuse("must hold files and folders only, no links");
  if (entry.isEncrypted()) throw refuse("must not be protected by a password: it cannot be checked");
  if (!entry.canDecodeFileData()) throw refuse("is packed in a way that cannot be checked; pack it as a plain ZIP");
  if (isOffice && macros.test(entry.fileName)) throw refuse("must not hold macros");
}

/** Counts what comes out, and stops at the bound: never more than a piece is held, and no more than the bound unpacked. */
class Tally {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(archiveBytes: number) {
    const byRatio = Math.max(archiveBytes * fileLimits.archiveRatioMax, fileLimits.archiveRatioFromBytes);
    this.#bytesMax = Math.min(byRatio, fileLimits.archiveBytesMax);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#bytesMax) return;
    const { archiveBytesMax, archiveRatioMax } = fileLimits;
    throw refuseBomb(`must unpack to at most ${archiveBytesMax} bytes and ${archiveRatioMax} times its own size`);
  }
}

async function countEntry(zip: ZipFile, entry: Entry, tally: Tally): Promise<void> {
  // Not packed: its size was compared with what the archive holds.
  if (entry.compressionMethod === 0) return tally.add(entry.uncompressedSize);
  const stream = await zip.openReadStreamPromise(entry);
  for await (const piece of stream) tally.add((piece as Buffer).length);
}

/**
 * Throws `files.archive_bomb` for what unpacks to too much or holds too many entries, and `files.archive_refused` for
 * paths that lead out of the archive, links, passwords, macros and what cannot be read. Unpacking runs beside the event
 * loop, one entry at a time.
 */
export async function assertHarmlessArchive(bytes: Buffer, isOffice: boolean): Promise<void> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    const { archiveEntriesMax } = fileLimits;
    if (zip.entryCount > archiveEntriesMax) throw refuseBomb(`must hold at most ${archiveEntriesMax} entries`);
    const tally = new Tally(bytes.length);
    for await (const entry of zip.eachEntry()) {
      assertPlainEntry(entry, isOffice);
      await countEntry(zip, entry, tally);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    // The reader's own refusals: paths that lead out, sizes that do not hold, data that is broken.
    const mistakes = [{ path: "bytes", message: "must be a whole archive whose paths stay inside it" }];
    throw new AppError(fileErrors.archiveRefused, { mistakes, cause });
  }
}
