// The SQL of idempotency keys.

import { appStatement, type TenantTx } from "../../platform/db/index.ts";

/** How a request is recognised: by a keyed hash of its token and key, and one of what it asks. */
export interface RequestMarks {
  readonly keyHash: Buffer;
  readonly fingerprint: Buffer;
}

export interface KeptRequest {
  readonly fingerprint: Buffer;
  /** The sealed answer; null while it is awaited. */
  readonly reply: Buffer | null;
  readonly ageSeconds: number;
}

/** How long an answer is kept. */
const keptHours = 24;

const takeLockSql = appStatement<{ is_taken: boolean }>(
  "idempotency.take_lock",
  `select pg_try_advisory_xact_lock(
     hashtextextended(concat_ws('/', 'idempotency', k.organisation_id, k.app_id, encode(k.key_hash, 'hex')), 0)) as is_taken
   from (values ($1::uuid, $2::uuid, $3::bytea)) as k (organisation_id, app_id, key_hash)`,
);

/** Takes the key's lock until the transaction ends. False when another request holds it: it is not waited for. */
export async function takeLock(tx: TenantTx, keyHash: Buffer): Promise<boolean> {
  const rows = await tx.query(takeLockSql, [keyHash]);
  return rows[0]?.is_taken === true;
}

const findKeptSql = appStatement<{ fingerprint: Buffer; reply: Buffer | null; age_seconds: number }>(
  "idempotency.find_kept",
  `select fingerprint, reply, extract(epoch from now() - created_at)::float8 as age_seconds
   from idempotency_keys where organisation_id = $1 and app_id = $2 and key_hash = $3
   and created_at > now() - make_interval(hours => ${keptHours})`,
);

/** The request that used this key within a day. */
export async function findKept(tx: TenantTx, keyHash: Buffer): Promise<KeptRequest | undefined> {
  const row = (await tx.query(findKeptSql, [keyHash]))[0];
  return row === undefined
    ? undefined
    : { fingerprint: row.fingerprint, reply: row.reply, ageSeconds: row.age_seconds };
}

// Each key that is written clears up to ten that are over, so the table stays bounded in an app that is in use.
const keepSql = appStatement<never>(
  "idempotency.keep",
  `with over as (
     select key_hash from idempotency_keys
     where organisation_id = $1 and app_id = $2 and key_hash <> $3
     and created_at <= now() - make_interval(hours => ${keptHours})
     order by created_at limit 10 for update skip locked
   ), cleared as (
     delete from idempotency_keys where organisation_id = $1 and app_id = $2 and key_hash in (select key_hash from over)
   )
   insert into idempotency_keys (organisation_id, app_id, key_hash, fingerprint, reply) values ($1, $2, $3, $4, $5)
   on conflict (organisation_id, app_id, key_hash) do update
   set fingerprint = excluded.fingerprint, reply = excluded.reply, created_at = excluded.created_at`,
);

/** Keeps a request, with its sealed answer or null while that is awaited. The caller holds the key's lock. */
export async function keepRequest(tx: TenantTx, marks: RequestMarks, reply: Buffer | null): Promise<void> {
  await tx.query(keepSql, [marks.keyHash, marks.fingerprint, reply]);
}

const completeSql = appStatement<never>(
  "idempotency.complete",
  `update idempotency_keys set reply = $4 where organisation_id = $1 and app_id = $2 and key_hash = $3 and reply is null`,
);

/** Adds the awaited answer. */
export async function completeRequest(tx: TenantTx, keyHash: Buffer, reply: Buffer): Promise<void> {
  await tx.query(completeSql, [keyHash, reply]);
}

const freeSql = appStatement<never>(
  "idempotency.free",
  `delete from idempotency_keys where organisation_id = $1 and app_id = $2 and key_hash = $3 and reply is null`,
);

/** Frees the key of a request whose answer was a failure of ours. */
export async function freeKey(tx: TenantTx, keyHash: Buffer): Promise<void> {
  await tx.query(freeSql, [keyHash]);
}

const removeOverSql = appStatement<{ removed: number }>(
  "idempotency.remove_over",
  `with removed as (
     delete from idempotency_keys where organisation_id = $1 and app_id = $2
     and created_at <= now() - make_interval(hours => ${keptHours}) returning 1
   ) select count(*)::integer as removed from removed`,
);

/** Removes the app's kept answers that are older than a day; returns how many. For the retention job. */
export async function removeKeptOver(tx: TenantTx): Promise<number> {
  return (await tx.query(removeOverSql))[0]?.removed ?? 0;
}
