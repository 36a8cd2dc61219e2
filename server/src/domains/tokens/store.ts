// The SQL of recognising, issuing and ending access tokens. Only keyed hashes are stored.

import { type ChannelId, fromUuid, type TokenId, toUuid, type UserId } from "../../kernel/ids.ts";
import { appStatement, systemStatement, type TenantTx } from "../../platform/db/index.ts";

export interface StoredToken {
  readonly tokenId: TokenId;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
  readonly isRevoked: boolean;
  /** The person who made it; undefined for one made at the command line. */
  readonly madeByUserId: UserId | undefined;
  /** Undefined: every channel. */
  readonly channelIds: readonly ChannelId[] | undefined;
  /** CIDR ranges it may come from; undefined: anywhere. */
  readonly networks: readonly string[] | undefined;
}

export interface TokenToInsert {
  readonly tokenId: TokenId;
  readonly kind: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly shown: string;
  readonly scopes: readonly string[];
  readonly madeBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly madeByUserId: UserId | undefined;
  readonly channelIds: readonly ChannelId[] | undefined;
  readonly networks: readonly string[] | undefined;
}

const insertTokenSql = appStatement<never>(
  "tokens.insert",
  `insert into tokens (organisation_id, app_id, token_id, kind, name, hash, shown, scopes, made_by, created_at, expires_at,
     made_by_user_id, channel_ids, networks)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
);

export async function insertToken(tx: TenantTx, token: TokenToInsert): Promise<void> {
  const { tokenId, kind, name, hash, shown, scopes, madeBy, createdAt, expiresAt, networks } = token;
  const person = token.madeByUserId === undefined ? null : toUuid(token.madeByUserId);
  const channels = token.channelIds?.map(toUuid) ?? null;
  const values = [toUuid(tokenId), kind, name, hash, shown, scopes, madeBy, createdAt, expiresAt];
  await tx.query(insertTokenSql, [...values, person, channels, networks ?? null]);
}

interface TokenRow {
  token_id: string;
  scopes: string[];
  expires_at: Date;
  is_revoked: boolean;
  made_by_user_id: string | null;
  channel_ids: string[] | null;
  networks: string[] | null;
}

const findTokenSql = appStatement<TokenRow>(
  "tokens.find",
  `select token_id, scopes, expires_at, revoked_at is not null as is_revoked, made_by_user_id, channel_ids, networks
   from tokens where organisation_id = $1 and app_id = $2 and hash = $3`,
);

export async function findToken(tx: TenantTx, hash: Buffer): Promise<StoredToken | undefined> {
  const row = (await tx.query(findTokenSql, [hash]))[0];
  if (row === undefined) return undefined;
  return {
    tokenId: fromUuid("token", row.token_id),
    scopes: row.scopes,
    expiresAtMs: row.expires_at.getTime(),
    isRevoked: row.is_revoked,
    madeByUserId: row.made_by_user_id === null ? undefined : fromUuid("user", row.made_by_user_id),
    channelIds: row.channel_ids?.map((uuid) => fromUuid("channel", uuid)),
    networks: row.networks ?? undefined,
  };
}

const revokeTokenSql = appStatement<{ token_id: string }>(
  "tokens.revoke",
  `update tokens set revoked_at = now() where organisation_id = $1 and app_id = $2 and token_id = $3
   and revoked_at is null returning token_id`,
);

/** Ends a token for good. Answers whether it was still alive. */
export async function revokeToken(tx: TenantTx, tokenId: TokenId): Promise<boolean> {
  return (await tx.query(revokeTokenSql, [toUuid(tokenId)])).length > 0;
}

const touchTokenSql = appStatement<{ is_first: boolean }>(
  "tokens.touch",
  `update tokens set last_used_at = now(), last_used_network = $4,
     use_noted_at = case when use_noted_at > now() - interval '1 hour' then use_noted_at else now() end
   where organisation_id = $1 and app_id = $2 and token_id = $3
     and (last_used_at is null or last_used_at < now() - interval '1 minute')
   returning use_noted_at = now() as is_first`,
);

/**
 * Notes that the token was used and from where, at most once a minute. Answers whether this is its first use in an hour;
 * of parallel uses one is told so.
 */
export async function touchToken(tx: TenantTx, tokenId: TokenId, network: string): Promise<boolean> {
  return (await tx.query(touchTokenSql, [toUuid(tokenId), network]))[0]?.is_first === true;
}

/** The tenant of a token, from its hash alone. */
export const findTokenTenantSql = systemStatement<{ organisation_id: string; app_id: string }>(
  "tokens.find_tenant",
  "select organisation_id, app_id from parley_find_token($1)",
);
