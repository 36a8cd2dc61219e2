// The SQL of what files take up. Taking is one guarded statement on the holder's row, which is locked until the
// transaction ends: of any number of uploads at once those that fit are kept, and never one more.

import { toUuid, type VisitorId } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";

const today = "(now() at time zone 'utc')::date";
const sameDay = (column: "bytes" | "files"): string =>
  `case when file_usage.day = ${today} then file_usage.${column} else 0 end`;

const takeOfAppSql = appStatement<{ taken: number }>(
  "files.take_of_app",
  `insert into file_usage (organisation_id, app_id, holder_id, day, bytes, files)
   select $1, $2, $2, ${today}, $3::bigint, 1 where $3::bigint <= $4::bigint
   on conflict (organisation_id, app_id, holder_id) do update
     set bytes = file_usage.bytes + excluded.bytes, files = file_usage.files + 1
     where file_usage.bytes + excluded.bytes <= $4::bigint
   returning 1 as taken`,
);

/** Answers whether the app has room, and takes it. */
export async function takeOfApp(tx: TenantTx, bytes: number, bytesMax: number): Promise<boolean> {
  return (await tx.query(takeOfAppSql, [bytes, bytesMax])).length > 0;
}

const takeOfVisitorSql = appStatement<{ taken: number }>(
  "files.take_of_visitor",
  `insert into file_usage (organisation_id, app_id, holder_id, day, bytes, files)
   select $1, $2, $3, ${today}, $4::bigint, 1 where $4::bigint <= $5::bigint and $6::integer >= 1
   on conflict (organisation_id, app_id, holder_id) do update
     set bytes = ${sameDay("bytes")} + excluded.bytes, files = ${sameDay("files")} + 1, day = ${today}
     where ${sameDay("bytes")} + excluded.bytes <= $5::bigint and ${sameDay("files")} + 1 <= $6::integer
   returning 1 as taken`,
);

/** Answers whether the visitor may send so much more today, and counts it. */
export async function takeOfVisitor(
  tx: TenantTx,
  take: { visitorId: VisitorId; bytes: number; bytesMax: number; filesMax: number },
): Promise<boolean> {
  const { visitorId, bytes, bytesMax, filesMax } = take;
  return (await tx.query(takeOfVisitorSql, [toUuid(visitorId), bytes, bytesMax, filesMax])).length > 0;
}

const readSql = appStatement<{ bytes: string; files: number }>(
  "files.read_usage",
  `select ${sameDay("bytes")} as bytes, ${sameDay("files")} as files from file_usage
   where organisation_id = $1 and app_id = $2 and holder_id = $3`,
);

/** What the visitor sent today, without holding the row: to refuse early what would be refused in the end. */
export async function readVisitorUsage(tx: TenantTx, visitorId: VisitorId): Promise<{ bytes: number; files: number }> {
  const row = (await tx.query(readSql, [toUuid(visitorId)]))[0];
  return { bytes: Number(row?.bytes ?? 0), files: row?.files ?? 0 };
}

const readAppSql = appStatement<{ bytes: string }>(
  "files.read_app_usage",
  "select bytes from file_usage where organisation_id = $1 and app_id = $2 and holder_id = $2",
);

/** What the app's files take up, without holding the row. */
export async function readAppUsage(tx: TenantTx): Promise<number> {
  return Number((await tx.query(readAppSql))[0]?.bytes ?? 0);
}

const giveBackSql = appStatement<never>(
  "files.give_back",
  `update file_usage set bytes = greatest(bytes - $3::bigint, 0), files = greatest(files - $4::integer, 0)
   where organisation_id = $1 and app_id = $2 and holder_id = $2`,
);

/** Gives the app back what deleted files took up. A visitor's day is not given back: sending is what it counts. */
export async function giveBack(tx: TenantTx, gone: { bytes: number; files: number }): Promise<void> {
  if (gone.files > 0) await tx.query(giveBackSql, [gone.bytes, gone.files]);
}

const deleteOldSql = appStatement<{ holder_id: string }>(
  "files.delete_old_usage",
  `delete from file_usage where organisation_id = $1 and app_id = $2 and holder_id <> $2 and day < ${today} - 1
   returning holder_id`,
);

/** Forgets the days of visitors that are over. */
export async function deleteOldUsage(tx: TenantTx): Promise<number> {
  return (await tx.query(deleteOldSql)).length;
}
