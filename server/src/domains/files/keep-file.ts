// Keeps a file: looked at, scanned and encrypted first, with no transaction open, for that may take seconds and somebody
// else decides how many; then stored in one short transaction in which the quota is taken.

import { AppError } from "../../kernel/errors.ts";
import type { FileId } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { FileDeps, FilePlace } from "./deps.ts";
import { fileErrors } from "./errors.ts";
import { type InspectedFile, inspectFile } from "./inspect-file.ts";
import { scanFile } from "./scan-file.ts";
import { type SealedFile, sealFile } from "./seal-file.ts";
import { hasChannel, insertChunk, insertFile } from "./store.ts";
import type { FileOwner, FilePurpose, FileView } from "./types.ts";
import { readAppUsage, readVisitorUsage, takeOfApp, takeOfVisitor } from "./usage-store.ts";

const unattachedDays = 1;
export const remoteDays = 30;

export interface KeepInput {
  readonly bytes: Buffer;
  /** As its sender calls it. */
  readonly name: string;
  /** `upload` goes after a day unless `attachFile` says that a message holds it; `app` stays. */
  readonly purpose: "upload" | "app";
  readonly owner?: FileOwner | undefined;
}

/** A file that may be stored. */
export interface PreparedFile {
  readonly fileId: FileId;
  readonly inspected: InspectedFile;
  readonly sealed: SealedFile;
  readonly purpose: FilePurpose;
  readonly owner: FileOwner;
  readonly remoteKey?: Buffer | undefined;
}

function refuseQuota(message: string): AppError {
  return new AppError(fileErrors.quota, { mistakes: [{ path: "bytes", message }] });
}

type Share = Pick<FileDeps, "quotas">;

function refuseOfApp({ quotas }: Share): AppError {
  return refuseQuota(`do not fit: the files of this app take up at most ${quotas.appBytesMax} bytes. Delete some`);
}

function refuseOfVisitor({ quotas }: Share): AppError {
  const { visitorBytesMax, visitorFilesMax } = quotas;
  return refuseQuota(`are too much for today: at most ${visitorFilesMax} files and ${visitorBytesMax} bytes a day`);
}

/** Throws early what `takeRoom` would throw in the end. */
export async function assertRoom(deps: Share, tx: TenantTx, want: { bytes: number; owner: FileOwner }): Promise<void> {
  const { bytes, owner } = want;
  const { quotas } = deps;
  if ((await readAppUsage(tx)) + bytes > quotas.appBytesMax) throw refuseOfApp(deps);
  if (owner.visitorId === undefined) return;
  const sent = await readVisitorUsage(tx, owner.visitorId);
  const isOver = sent.bytes + bytes > quotas.visitorBytesMax || sent.files >= quotas.visitorFilesMax;
  if (isOver) throw refuseOfVisitor(deps);
}

/** SECURITY: taken in the transaction that stores the file, by a guarded statement; parallel uploads cannot pass it. */
async function takeRoom(deps: Share, tx: TenantTx, { inspected, owner }: PreparedFile): Promise<void> {
  const { quotas } = deps;
  const { bytes } = inspected;
  if (owner.visitorId !== undefined) {
    const [bytesMax, filesMax] = [quotas.visitorBytesMax, quotas.visitorFilesMax];
    const isTaken = await takeOfVisitor(tx, { visitorId: owner.visitorId, bytes, bytesMax, filesMax });
    if (!isTaken) throw refuseOfVisitor(deps);
  }
  if (!(await takeOfApp(tx, bytes, quotas.appBytesMax))) throw refuseOfApp(deps);
}

/** What a file is to whoever may see it. */
export function toFileView(fileId: FileId, file: InspectedFile): FileView {
  const { name, type, bytes, kind, width, height } = file;
  const measures = width === undefined || height === undefined ? {} : { width, height };
  return { fileId, name, type, bytes, kind, ...measures };
}

/**
 * Looks at a file, has it scanned and encrypts it. Throws a `files.` error that says what is wrong with it. Call it with no
 * transaction open.
 */
export async function prepareFile(deps: FileDeps, place: FilePlace, input: KeepInput): Promise<PreparedFile> {
  const { bytes, name, purpose, owner = {} } = input;
  const { tenant, actor } = place;
  await deps.database.withTenant(actor, tenant, (tx) => assertRoom(deps, tx, { bytes: bytes.length, owner }));
  const inspected = await inspectFile(bytes, name, { archives: deps.archives });
  await scanFile(deps, bytes);
  const fileId = newId("file");
  return { fileId, inspected, sealed: await sealFile(deps, place, { fileId, inspected, bytes }), purpose, owner };
}

function findKeptDays({ purpose }: PreparedFile): number | undefined {
  if (purpose === "app") return undefined;
  return purpose === "upload" ? unattachedDays : remoteDays;
}

/**
 * Stores a prepared file and takes its room. Throws `files.quota` or `files.unknown_channel`, and then the transaction must
 * not be committed. Undefined when there is a copy for the same key already.
 */
export async function storeFile(deps: Share, tx: TenantTx, file: PreparedFile): Promise<FileView | undefined> {
  const { fileId, inspected, sealed, purpose, owner, remoteKey } = file;
  const { channelId } = owner;
  if (channelId !== undefined && !(await hasChannel(tx, channelId))) throw new AppError(fileErrors.unknownChannel);
  const { kind, bytes } = inspected;
  const row = { fileId, purpose, kind, bytes, description: sealed.description, owner, remoteKey };
  if (!(await insertFile(tx, { ...row, keptDays: findKeptDays(file) }))) return undefined;
  for (const [number, chunk] of sealed.chunks.entries()) await insertChunk(tx, fileId, number, chunk);
  // Last, because the app's row is held from here to the commit.
  await takeRoom(deps, tx, file);
  return toFileView(fileId, inspected);
}

/**
 * Keeps a file, and returns it once that is committed. Throws a `files.` error that says what is wrong with it; then
 * nothing is kept. Opens its own transactions: call it with none open.
 */
export async function keepFile(deps: FileDeps, place: FilePlace, input: KeepInput): Promise<FileView> {
  const prepared = await prepareFile(deps, place, input);
  await deps.database.withTenant(place.actor, place.tenant, (tx) => storeFile(deps, tx, prepared));
  return toFileView(prepared.fileId, prepared.inspected);
}
