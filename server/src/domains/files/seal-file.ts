// How a file stands in the database: what it is in one envelope, its bytes in chunks of 256 KiB.
// SECURITY: each envelope is bound to tenant, file and number, and the length to what it is, so that chunks that were
// swapped, moved, cut or left out do not open as this file.

import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../kernel/errors.ts";
import { type FileId, toUuid } from "../../kernel/ids.ts";
import { envelopeErrors } from "../../platform/crypto/envelope.ts";
import type { Field, Sealer } from "../keys/index.ts";
import type { FilePlace } from "./deps.ts";
import type { InspectedFile } from "./inspect-file.ts";
import { fileLimits } from "./types.ts";

/** What of a file only its envelope says. */
export type Description = InspectedFile;

export interface SealedFile {
  readonly description: Buffer;
  readonly chunks: readonly Buffer[];
}

interface SealerSource {
  readonly keychain: { sealerFor(tenant: FilePlace["tenant"], because: SealReason): Promise<Sealer> };
}

interface SealReason {
  readonly actor: FilePlace["actor"];
  readonly reason: string;
}

/** The sealer of a place. */
export function sealerOf(deps: SealerSource, { actor, tenant }: FilePlace): Promise<Sealer> {
  return deps.keychain.sealerFor(tenant, { actor, reason: "files" });
}

function toChunkField(fileId: FileId, number: number): Field {
  return { table: "file_chunks", column: `content.${number}`, row: toUuid(fileId) };
}

function toDescriptionField(fileId: FileId): Field {
  return { table: "files", column: "description", row: toUuid(fileId) };
}

/** How many chunks a file of so many bytes has. */
export function countChunks(bytes: number): number {
  return Math.ceil(bytes / fileLimits.chunkBytes);
}

/**
 * Encrypts a file, a chunk in each turn of the event loop. The sealer is asked for anew each time: a file is more than one
 * may have uses left for.
 */
export async function sealFile(
  deps: SealerSource,
  place: FilePlace,
  file: { fileId: FileId; inspected: InspectedFile; bytes: Buffer },
): Promise<SealedFile> {
  const { fileId, inspected, bytes } = file;
  const chunks: Buffer[] = [];
  for (let number = 0; number < countChunks(bytes.length); number += 1) {
    const from = number * fileLimits.chunkBytes;
    const sealer = await sealerOf(deps, place);
    chunks.push(sealer.seal(toChunkField(fileId, number), bytes.subarray(from, from + fileLimits.chunkBytes)));
    await nextTurn();
  }
  const sealer = await sealerOf(deps, place);
  return { description: sealer.seal(toDescriptionField(fileId), JSON.stringify(inspected)), chunks };
}

/** Reads what a file is. Throws `crypto.unreadable` for what was altered or moved. */
export function openDescription(sealer: Sealer, fileId: FileId, sealed: Buffer): Description {
  return JSON.parse(sealer.open(toDescriptionField(fileId), sealed).toString("utf8"));
}

/** Decrypts one chunk of a file of `bytes`. Throws `crypto.unreadable` for any other chunk than that one, whole. */
export function openChunk(
  sealer: Sealer,
  at: { fileId: FileId; number: number; bytes: number },
  sealed: Buffer | undefined,
): Buffer {
  const { fileId, number, bytes } = at;
  const note = `file_chunks: chunk ${number}`;
  if (sealed === undefined) throw new AppError(envelopeErrors.unreadable, { note: `${note} is missing` });
  const content = sealer.open(toChunkField(fileId, number), sealed);
  const expected = Math.min(fileLimits.chunkBytes, bytes - number * fileLimits.chunkBytes);
  if (content.length === expected) return content;
  throw new AppError(envelopeErrors.unreadable, { note: `${note} is of another length` });
}
