// What counts once: an insert that exactly one of any number of callers makes.

import { type ChannelId, toUuid } from "../../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../../platform/db/index.ts";

const useNonceSql = appStatement<{ used: boolean }>(
  "visitors.use_nonce",
  `insert into visitor_nonces (organisation_id, app_id, channel_id, nonce, expires_at) values ($1, $2, $3, $4, $5)
   on conflict do nothing returning true as used`,
);

export interface Nonce {
  readonly channelId: ChannelId;
  /** A blind index, 16 bytes. */
  readonly index: Buffer;
  /** Until then it is remembered; whatever carries it must be refused afterwards. */
  readonly expiresAtMs: number;
}

/**
 * Uses a nonce up. False when it was used before.
 * SECURITY: of parallel uses exactly one is answered with true.
 */
export async function useNonce(tx: TenantTx, { channelId, index, expiresAtMs }: Nonce): Promise<boolean> {
  const rows = await tx.query(useNonceSql, [toUuid(channelId), index, new Date(expiresAtMs)]);
  return rows.length === 1;
}

const purgeNoncesSql = appStatement<{ purged: string }>(
  "visitors.purge_nonces",
  `with gone as (delete from visitor_nonces where organisation_id = $1 and app_id = $2
     and expires_at < now() - make_interval(secs => $3) returning 1)
   select count(*) as purged from gone`,
);

/** The database's clock may be ahead of ours: what has just expired is kept a while. */
const graceSeconds = 300;

/** Forgets nonces that have expired. Returns how many they were. */
export async function purgeNonces(tx: TenantTx): Promise<number> {
  return Number((await tx.query(purgeNoncesSql, [graceSeconds]))[0]?.purged ?? 0);
}
