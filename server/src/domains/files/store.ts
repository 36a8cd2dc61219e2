// The SQL of files and their chunks.

import { type ChannelId, type FileId, fromUuid, toUuid, type VisitorId } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";
import type { FileKind, FileOwner, FilePurpose } from "./types.ts";

export interface StoredFile {
  readonly fileId: FileId;
  readonly purpose: FilePurpose;
  readonly kind: FileKind;
  readonly bytes: number;
  readonly description: Buffer;
  readonly owner: FileOwner;
  readonly createdAt: Date;
}

interface FileRow {
  file_id: string;
  purpose: FilePurpose;
  kind: FileKind;
  bytes: number;
  description: Buffer;
  channel_id: string | null;
  visitor_id: string | null;
  member_key: Buffer | null;
  created_at: Date;
}

function toFile(row: FileRow): StoredFile {
  return {
    fileId: fromUuid("file", row.file_id),
    purpose: row.purpose,
    kind: row.kind,
    bytes: row.bytes,
    description: row.description,
    owner: {
      channelId: row.channel_id === null ? undefined : fromUuid("channel", row.channel_id),
      visitorId: row.visitor_id === null ? undefined : fromUuid("visitor", row.visitor_id),
      memberKey: row.member_key ?? undefined,
    },
    createdAt: row.created_at,
  };
}

const columns = "file_id, purpose, kind, bytes, description, channel_id, visitor_id, member_key, created_at";

const findSql = appStatement<FileRow>(
  "files.find",
  `select ${columns} from files where organisation_id = $1 and app_id = $2 and file_id = $3 and state = 'ready'`,
);

export async function findStoredFile(tx: TenantTx, fileId: FileId): Promise<StoredFile | undefined> {
  const row = (await tx.query(findSql, [toUuid(fileId)]))[0];
  return row === undefined ? undefined : toFile(row);
}

export interface FileFilter {
  readonly first: number;
  /** The last of the page before. */
  readonly after?: FileId | undefined;
  readonly kind?: FileKind | undefined;
  /** Undefined: every channel, and what belongs to none. */
  readonly channelIds?: readonly ChannelId[] | undefined;
  /** Whether files of conversations are among them. */
  readonly withUploads: boolean;
}

const listSql = appStatement<FileRow>(
  "files.list",
  `select ${columns} from files
   where organisation_id = $1 and app_id = $2 and state = 'ready' and ($4::uuid is null or file_id < $4)
     and ($5::text is null or kind = $5) and ($6::uuid[] is null or channel_id = any ($6))
     and (purpose = 'app' or (purpose = 'upload' and $7::boolean))
   order by file_id desc limit $3`,
);

/** Newest first. Copies of what messages show are not among them. */
export async function listStoredFiles(tx: TenantTx, filter: FileFilter): Promise<StoredFile[]> {
  const rows = await tx.query(listSql, [
    filter.first,
    filter.after === undefined ? null : toUuid(filter.after),
    filter.kind ?? null,
    filter.channelIds === undefined ? null : filter.channelIds.map(toUuid),
    filter.withUploads,
  ]);
  return rows.map(toFile);
}

const hasChannelSql = appStatement<{ found: number }>(
  "files.has_channel",
  "select 1 as found from channels where organisation_id = $1 and app_id = $2 and channel_id = $3",
);

/** Answers whether the app has this channel. */
export async function hasChannel(tx: TenantTx, channelId: ChannelId): Promise<boolean> {
  return (await tx.query(hasChannelSql, [toUuid(channelId)])).length > 0;
}

export interface FileInsert extends Omit<StoredFile, "createdAt"> {
  readonly remoteKey?: Buffer | undefined;
  /** Undefined: it stays. */
  readonly keptDays?: number | undefined;
}

const insertSql = appStatement<{ file_id: string }>(
  "files.insert",
  `insert into files (organisation_id, app_id, file_id, purpose, state, kind, bytes, description, channel_id, visitor_id,
     member_key, remote_key, expires_at)
   values ($1, $2, $3, $4, 'ready', $5, $6, $7, $8, $9, $10, $11, now() + make_interval(days => $12::integer))
   on conflict (organisation_id, app_id, remote_key) do nothing returning file_id`,
);

/** Answers whether it was stored: not when there is a copy for the same key. */
export async function insertFile(tx: TenantTx, file: FileInsert): Promise<boolean> {
  const { fileId, purpose, kind, bytes, description, owner, remoteKey, keptDays } = file;
  const rows = await tx.query(insertSql, [
    ...[toUuid(fileId), purpose, kind, bytes, description],
    owner.channelId === undefined ? null : toUuid(owner.channelId),
    owner.visitorId === undefined ? null : toUuid(owner.visitorId),
    owner.memberKey ?? null,
    remoteKey ?? null,
    keptDays ?? null,
  ]);
  return rows.length > 0;
}

const insertChunkSql = appStatement<never>(
  "files.insert_chunk",
  "insert into file_chunks (organisation_id, app_id, file_id, number, content) values ($1, $2, $3, $4, $5)",
);

export async function insertChunk(tx: TenantTx, fileId: FileId, number: number, content: Buffer): Promise<void> {
  await tx.query(insertChunkSql, [toUuid(fileId), number, content]);
}

const readChunkSql = appStatement<{ content: Buffer }>(
  "files.read_chunk",
  "select content from file_chunks where organisation_id = $1 and app_id = $2 and file_id = $3 and number = $4",
);

/** One sealed chunk; undefined when there is none. */
export async function readChunk(tx: TenantTx, fileId: FileId, number: number): Promise<Buffer | undefined> {
  return (await tx.query(readChunkSql, [toUuid(fileId), number]))[0]?.content;
}

const attachSql = appStatement<{ file_id: string }>(
  "files.attach",
  `update files set expires_at = null, member_key = coalesce($5, member_key)
   where organisation_id = $1 and app_id = $2 and file_id = $3 and visitor_id = $4 and channel_id = $6
     and purpose = 'upload' and state = 'ready' returning file_id`,
);

/** See `attachFile`. */
export async function markAttached(
  tx: TenantTx,
  fileId: FileId,
  by: { visitorId: VisitorId; channelId: ChannelId; memberKey?: Buffer | undefined },
): Promise<boolean> {
  const values = [toUuid(fileId), toUuid(by.visitorId), by.memberKey ?? null, toUuid(by.channelId)];
  return (await tx.query(attachSql, values)).length > 0;
}

const deleteChunksSql = appStatement<never>(
  "files.delete_chunks",
  "delete from file_chunks where organisation_id = $1 and app_id = $2 and file_id = any ($3::uuid[])",
);

const deleteSql = appStatement<{ bytes: number }>(
  "files.delete",
  "delete from files where organisation_id = $1 and app_id = $2 and file_id = any ($3::uuid[]) returning bytes",
);

/** Deletes files and their bytes; returns how many there were and what they took up. */
export async function deleteFiles(
  tx: TenantTx,
  fileIds: readonly FileId[],
): Promise<{ readonly files: number; readonly bytes: number }> {
  const uuids = fileIds.map(toUuid);
  await tx.query(deleteChunksSql, [uuids]);
  const rows = await tx.query(deleteSql, [uuids]);
  return { files: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) };
}

const listExpiredSql = appStatement<{ file_id: string }>(
  "files.list_expired",
  `select file_id from files where organisation_id = $1 and app_id = $2 and expires_at <= now()
   order by expires_at limit $3 for update skip locked`,
);

/** Some of the files whose time is over, held until the transaction ends. */
export async function holdExpired(tx: TenantTx, most: number): Promise<FileId[]> {
  return (await tx.query(listExpiredSql, [most])).map((row) => fromUuid("file", row.file_id));
}
