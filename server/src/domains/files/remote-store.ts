// The SQL of copies of what messages show from elsewhere.

import { type FileId, fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";

interface RemoteRow {
  file_id: string;
  refused_because: string | null;
  is_recent: boolean;
  is_ageing: boolean;
}

/** A copy, or the failure to make one. */
export interface StoredRemote {
  readonly fileId: FileId;
  /** The code of the error; undefined for a copy that is there. */
  readonly refusedBecause: string | undefined;
  /** Not a minute old. */
  readonly isRecent: boolean;
  /** Not looked at for a day. */
  readonly isAgeing: boolean;
}

const findSql = appStatement<RemoteRow>(
  "files.find_remote",
  `select file_id, refused_because, created_at > now() - interval '1 minute' as is_recent,
     expires_at < now() + interval '29 days' as is_ageing
   from files where organisation_id = $1 and app_id = $2 and remote_key = $3`,
);

export async function findRemote(tx: TenantTx, remoteKey: Buffer): Promise<StoredRemote | undefined> {
  const row = (await tx.query(findSql, [remoteKey]))[0];
  if (row === undefined) return undefined;
  return {
    fileId: fromUuid("file", row.file_id),
    refusedBecause: row.refused_because ?? undefined,
    isRecent: row.is_recent,
    isAgeing: row.is_ageing,
  };
}

const touchSql = appStatement<never>(
  "files.touch_remote",
  `update files set expires_at = now() + make_interval(days => $4)
   where organisation_id = $1 and app_id = $2 and file_id = $3`,
);

/** Lets a copy that is looked at stay for so many days more. */
export async function touchRemote(tx: TenantTx, fileId: FileId, keptDays: number): Promise<void> {
  await tx.query(touchSql, [toUuid(fileId), keptDays]);
}

const refuseSql = appStatement<never>(
  "files.refuse_remote",
  `insert into files (organisation_id, app_id, file_id, purpose, state, kind, bytes, remote_key, refused_because, expires_at)
   values ($1, $2, $3, 'remote', 'refused', 'file', 0, $4, $5, now() + interval '1 hour')
   on conflict (organisation_id, app_id, remote_key) do update
     set refused_because = excluded.refused_because, created_at = now(), expires_at = excluded.expires_at
     where files.state = 'refused'`,
);

/** Remembers that a copy could not be made. A copy that is there stays. */
export async function insertRefusal(
  tx: TenantTx,
  refusal: { fileId: FileId; remoteKey: Buffer; code: string },
): Promise<void> {
  await tx.query(refuseSql, [toUuid(refusal.fileId), refusal.remoteKey, refusal.code]);
}

const forgetSql = appStatement<never>(
  "files.forget_refusal",
  "delete from files where organisation_id = $1 and app_id = $2 and remote_key = $3 and state = 'refused'",
);

/** Makes room for a copy where there was a failure. */
export async function deleteRefusal(tx: TenantTx, remoteKey: Buffer): Promise<void> {
  await tx.query(forgetSql, [remoteKey]);
}
