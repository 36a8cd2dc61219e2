// Finds a file, reads it piece by piece, marks it as held by a message, deletes it, and removes what nobody holds.

import type { ChannelId, FileId, VisitorId } from "../../kernel/ids.ts";
import type { FileBody } from "../../kernel/operation.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import type { FileDeps, FilePlace } from "./deps.ts";
import { toFileView } from "./keep-file.ts";
import { countChunks, openChunk, openDescription, sealerOf } from "./seal-file.ts";
import {
  deleteFiles,
  type FileFilter,
  findStoredFile,
  holdExpired,
  listStoredFiles,
  markAttached,
  readChunk,
  type StoredFile,
} from "./store.ts";
import type { KeptFile } from "./types.ts";
import { deleteOldUsage, giveBack } from "./usage-store.ts";

const purgedAtOnce = 100;
const purgeRoundsMax = 20;

function toKept(stored: StoredFile, sealer: Sealer): KeptFile {
  const { fileId, purpose, owner, createdAt } = stored;
  return {
    fileId,
    view: toFileView(fileId, openDescription(sealer, fileId, stored.description)),
    purpose,
    owner,
    createdAt,
  };
}

type Keys = Pick<FileDeps, "keychain">;

/** The file of the transaction's app with this id; undefined when there is none. Whose it is, is for the caller to judge. */
export async function findFile(deps: Keys, tx: TenantTx, fileId: FileId): Promise<KeptFile | undefined> {
  const stored = await findStoredFile(tx, fileId);
  return stored === undefined ? undefined : toKept(stored, await sealerOf(deps, tx));
}

/** A page of files, newest first. */
export async function listFiles(deps: Keys, tx: TenantTx, filter: FileFilter): Promise<KeptFile[]> {
  const stored = await listStoredFiles(tx, filter);
  const sealer = await sealerOf(deps, tx);
  return stored.map((file) => toKept(file, sealer));
}

/**
 * The bytes of a file, a chunk at a time, each in a transaction of its own: whoever reads slowly holds neither memory nor a
 * connection. Throws `crypto.unreadable` when a chunk was altered, or is gone because the file was deleted meanwhile.
 */
export async function* readChunks(
  deps: Pick<FileDeps, "database" | "keychain">,
  place: FilePlace,
  file: Pick<KeptFile, "fileId" | "view">,
): AsyncGenerator<Buffer, void, undefined> {
  const { fileId } = file;
  const { bytes } = file.view;
  for (let number = 0; number < countChunks(bytes); number += 1) {
    const sealed = await deps.database.withTenant(place.actor, place.tenant, (tx) => readChunk(tx, fileId, number));
    yield openChunk(await sealerOf(deps, place), { fileId, number, bytes }, sealed);
  }
}

/** A file as an answer carries it. */
export function toFileBody(
  deps: Pick<FileDeps, "database" | "keychain">,
  { actor, tenant }: FilePlace,
  file: Pick<KeptFile, "fileId" | "view">,
): FileBody {
  const { name, type, bytes } = file.view;
  const chunks = readChunks(deps, { actor, tenant }, file);
  // A file never changes: another one has another id.
  return { contentType: type, fileName: name, bytes, chunks, etag: `"${file.fileId}"` };
}

/**
 * Says that a message holds an upload, which then stays. Answers whether the upload is this visitor's own, of this channel.
 * SECURITY: nobody sends, and so reads back, what somebody else uploaded.
 */
export function attachFile(
  tx: TenantTx,
  fileId: FileId,
  by: { visitorId: VisitorId; channelId: ChannelId; memberKey?: Buffer | undefined },
): Promise<boolean> {
  return markAttached(tx, fileId, by);
}

/** Deletes a file for good and gives its room back. Answers whether there was one. */
export async function deleteFile(tx: TenantTx, fileId: FileId): Promise<boolean> {
  const gone = await deleteFiles(tx, [fileId]);
  await giveBack(tx, gone);
  return gone.files > 0;
}

/**
 * Deletes what nobody holds: uploads of the day before that no message has, copies not looked at for thirty days, failures
 * of an hour ago. At most two thousand files a call; the rest waits for the next. Returns how many rows that was.
 */
export async function purgeFiles(tx: TenantTx): Promise<number> {
  let rows = await deleteOldUsage(tx);
  for (let round = 0; round < purgeRoundsMax; round += 1) {
    const fileIds = await holdExpired(tx, purgedAtOnce);
    if (fileIds.length === 0) break;
    const gone = await deleteFiles(tx, fileIds);
    await giveBack(tx, gone);
    rows += gone.files;
  }
  return rows;
}
