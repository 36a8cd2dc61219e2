// The SQL of visitors.

import { type ChannelId, fromUuid, toUuid, type VisitorId } from "../../kernel/ids.ts";
import { appStatement, systemStatement, type TenantTx } from "../../platform/db/index.ts";

export type EndReason = "token_reused" | "ended" | "identified" | "idle";

export interface StoredVisitor {
  readonly visitorId: VisitorId;
  readonly generation: number;
  /** What the last exchange of the token was asked for with. */
  readonly rotationKey: Buffer | undefined;
  /** The token of this generation has been shown: its answer arrived. */
  readonly isTaken: boolean;
  readonly isVerified: boolean;
  /** Sealed: who the visitor is to the bot. */
  readonly externalId: Buffer;
  readonly externalKey: Buffer;
  /** Sealed: what the website said of the visitor. */
  readonly identity: Buffer | undefined;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly endReason: EndReason | undefined;
}

interface VisitorRow {
  visitor_id: string;
  generation: number;
  rotation_key: Buffer | null;
  is_taken: boolean;
  is_verified: boolean;
  external_id: Buffer;
  external_key: Buffer;
  identity: Buffer | null;
  created_at: Date;
  seen_at: Date;
  end_reason: EndReason | null;
}

const findVisitorSql = appStatement<VisitorRow>(
  "visitors.find",
  `select visitor_id, generation, rotation_key, is_taken, is_verified, external_id, external_key, identity, created_at, seen_at,
     end_reason
   from visitors where organisation_id = $1 and app_id = $2 and visitor_id = $3`,
);

/** The visitor's row; undefined before the first message. */
export async function findVisitor(tx: TenantTx, visitorId: VisitorId): Promise<StoredVisitor | undefined> {
  const row = (await tx.query(findVisitorSql, [toUuid(visitorId)]))[0];
  if (row === undefined) return undefined;
  return {
    visitorId: fromUuid("visitor", row.visitor_id),
    generation: row.generation,
    rotationKey: row.rotation_key ?? undefined,
    isTaken: row.is_taken,
    isVerified: row.is_verified,
    externalId: row.external_id,
    externalKey: row.external_key,
    identity: row.identity ?? undefined,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    endReason: row.end_reason ?? undefined,
  };
}

export interface VisitorToStore {
  readonly visitorId: VisitorId;
  readonly channelId: ChannelId;
  readonly site: string;
  readonly externalId: Buffer;
  readonly externalKey: Buffer;
  readonly isVerified: boolean;
  readonly identity: Buffer | undefined;
}

const insertVisitorSql = appStatement<never>(
  "visitors.insert",
  `insert into visitors (organisation_id, app_id, visitor_id, channel_id, site, external_id, external_key, is_verified,
     identity)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
);

/** Makes the row of a visitor; one that is there stays as it is. */
export async function insertVisitor(tx: TenantTx, visitor: VisitorToStore): Promise<void> {
  const { visitorId, channelId, site, externalId, externalKey, isVerified, identity } = visitor;
  const values = [site, externalId, externalKey, isVerified, identity ?? null];
  await tx.query(insertVisitorSql, [toUuid(visitorId), toUuid(channelId), ...values]);
}

const seeVisitorSql = appStatement<never>(
  "visitors.see",
  `update visitors set seen_at = now(), is_taken = true
   where organisation_id = $1 and app_id = $2 and visitor_id = $3 and generation = $4 and end_reason is null`,
);

/** Notes that the token of a generation was shown. */
export async function seeVisitor(tx: TenantTx, visitorId: VisitorId, generation: number): Promise<void> {
  await tx.query(seeVisitorSql, [toUuid(visitorId), generation]);
}

const rotateSql = appStatement<{ generation: number }>(
  "visitors.rotate",
  `update visitors set generation = generation + 1, rotation_key = $5, is_taken = false, seen_at = now()
   where organisation_id = $1 and app_id = $2 and visitor_id = $3 and generation = $4 and end_reason is null
   returning generation`,
);

/** Raises the generation, once from each: of several at the same time one. Undefined when it was raised already. */
export async function raiseGeneration(
  tx: TenantTx,
  visitorId: VisitorId,
  { from, rotationKey }: { from: number; rotationKey: Buffer },
): Promise<number | undefined> {
  return (await tx.query(rotateSql, [toUuid(visitorId), from, rotationKey]))[0]?.generation;
}

const endVisitorSql = appStatement<{ visitor_id: string }>(
  "visitors.end",
  `update visitors set end_reason = $4, ended_at = now()
   where organisation_id = $1 and app_id = $2 and visitor_id = $3 and end_reason is null returning visitor_id`,
);

/** Ends a visitor's session. False when it had ended. */
export async function endVisitor(tx: TenantTx, visitorId: VisitorId, reason: EndReason): Promise<boolean> {
  return (await tx.query(endVisitorSql, [toUuid(visitorId), reason])).length > 0;
}

const listEndedSql = systemStatement<{ visitor_id: string }>(
  "visitors.list_ended",
  "select visitor_id from parley_list_ended_visitors($1)",
);

/** Which of these visitors' sessions have ended. */
export async function listEnded(
  database: { lookUp(statement: typeof listEndedSql, values: readonly [string[]]): Promise<{ visitor_id: string }[]> },
  visitorIds: readonly VisitorId[],
): Promise<ReadonlySet<VisitorId>> {
  const rows = await database.lookUp(listEndedSql, [visitorIds.map(toUuid)]);
  return new Set(rows.map((row) => fromUuid("visitor", row.visitor_id)));
}

const purgeSql = appStatement<{ visitor_id: string }>(
  "visitors.purge",
  `delete from visitors where organisation_id = $1 and app_id = $2 and seen_at < now() - make_interval(days => $3)
   returning visitor_id`,
);

/** Forgets sessions nobody has used for so many days. Returns how many. */
export async function purgeVisitors(tx: TenantTx, days: number): Promise<number> {
  return (await tx.query(purgeSql, [days])).length;
}

const notifySql = appStatement<never>(
  "visitors.notify",
  `select pg_notify('parley_visitors', n.notice) from unnest($3::text[]) as n (notice)
   join (select $1::uuid as organisation_id, $2::uuid as app_id) as tenant on true`,
);

/** Tells every process, once this commits, which conversations have news. */
export async function notify(tx: TenantTx, notices: readonly string[]): Promise<void> {
  await tx.query(notifySql, [notices]);
}
