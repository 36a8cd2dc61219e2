// The SQL of looking after access tokens: listing, rotating, warning. The hash is never read here.

import { type ChannelId, fromUuid, type TokenId, toUuid, type UserId } from "../../kernel/ids.ts";
import { appStatement, type OrganisationTx, organisationStatement, type TenantTx } from "../../platform/db/index.ts";
import type { TokenKind } from "./format.ts";

/** A token as its keepers see it. */
export interface ListedToken {
  readonly tokenId: TokenId;
  readonly kind: TokenKind;
  readonly name: string;
  /** Its first characters. */
  readonly shown: string;
  readonly scopes: readonly string[];
  readonly channelIds: readonly ChannelId[] | undefined;
  readonly networks: readonly string[] | undefined;
  /** `user:usr_...`, `operator:token`. */
  readonly madeBy: string;
  readonly makerId: UserId | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | undefined;
  readonly lastUsedNetwork: string | undefined;
  readonly revokedAt: Date | undefined;
  readonly replacedBy: TokenId | undefined;
}

interface ListedRow {
  token_id: string;
  kind: TokenKind;
  name: string;
  shown: string;
  scopes: string[];
  channel_ids: string[] | null;
  networks: string[] | null;
  made_by: string;
  made_by_user_id: string | null;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  last_used_network: string | null;
  revoked_at: Date | null;
  replaced_by: string | null;
}

const columns = `token_id, kind, name, shown, scopes, channel_ids, networks, made_by, made_by_user_id, created_at, expires_at,
  last_used_at, last_used_network, revoked_at, replaced_by`;

function toListed(row: ListedRow): ListedToken {
  const { kind, name, shown, scopes } = row;
  return {
    ...{ kind, name, shown, scopes },
    tokenId: fromUuid("token", row.token_id),
    channelIds: row.channel_ids?.map((uuid) => fromUuid("channel", uuid)),
    networks: row.networks ?? undefined,
    madeBy: row.made_by,
    makerId: row.made_by_user_id === null ? undefined : fromUuid("user", row.made_by_user_id),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at ?? undefined,
    lastUsedNetwork: row.last_used_network ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    replacedBy: row.replaced_by === null ? undefined : fromUuid("token", row.replaced_by),
  };
}

/** Whose tokens somebody sees: their own, and with `all` every other one, within `channelIds` when these are limited. */
export interface TokenSight {
  readonly own: UserId | undefined;
  readonly all: boolean;
  readonly channelIds: readonly ChannelId[] | undefined;
}

const sight = `(made_by_user_id = $3 or ($4::boolean and ($5::uuid[] is null or channel_ids <@ $5)))`;

function toSightValues({ own, all, channelIds }: TokenSight): [string | null, boolean, string[] | null] {
  return [own === undefined ? null : toUuid(own), all, channelIds?.map(toUuid) ?? null];
}

const listTokensSql = appStatement<ListedRow>(
  "tokens.list",
  `select ${columns} from tokens where organisation_id = $1 and app_id = $2 and ${sight}
     and ($6::uuid is null or token_id > $6) order by token_id limit $7`,
);

/** Tokens of the app that are within sight, oldest first. */
export async function listTokens(
  tx: TenantTx,
  sight: TokenSight,
  page: { first: number; after?: TokenId | undefined },
): Promise<ListedToken[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  const rows = await tx.query(listTokensSql, [...toSightValues(sight), after, page.first]);
  return rows.map(toListed);
}

const findListedSql = appStatement<ListedRow>(
  "tokens.find_listed",
  `select ${columns} from tokens where organisation_id = $1 and app_id = $2 and ${sight} and token_id = $6`,
);

/** One token of the app, when it is within sight. */
export async function findListed(tx: TenantTx, sight: TokenSight, tokenId: TokenId): Promise<ListedToken | undefined> {
  const row = (await tx.query(findListedSql, [...toSightValues(sight), toUuid(tokenId)]))[0];
  return row === undefined ? undefined : toListed(row);
}

const replaceSql = appStatement<{ expires_at: Date }>(
  "tokens.replace",
  `update tokens set replaced_by = $4, expires_at = least(expires_at, $5), warned_at = coalesce(warned_at, now())
   where organisation_id = $1 and app_id = $2 and token_id = $3
     and replaced_by is null and revoked_at is null and expires_at > $6
   returning expires_at`,
);

/**
 * Notes a living token's successor and when it ends itself. Undefined when it has ended or has a successor: of parallel
 * rotations one wins.
 */
export async function replaceToken(
  tx: TenantTx,
  tokenId: TokenId,
  by: { successor: TokenId; endsAt: Date; now: Date },
): Promise<Date | undefined> {
  const values = [toUuid(tokenId), toUuid(by.successor), by.endsAt, by.now];
  return (await tx.query(replaceSql, values))[0]?.expires_at;
}

const takeExpiringSql = appStatement<ListedRow>(
  "tokens.take_expiring",
  `update tokens set warned_at = now() where organisation_id = $1 and app_id = $2 and warned_at is null
     and revoked_at is null and replaced_by is null and made_by_user_id is not null
     and expires_at > $3 and expires_at <= $4 and created_at < expires_at - ($4 - $3)
   returning ${columns}`,
);

/**
 * Marks the tokens that end between two times as warned of, each once, and returns them. One that was made for no longer
 * than that is left out: its maker knows.
 */
export async function takeExpiring(tx: TenantTx, from: Date, until: Date): Promise<ListedToken[]> {
  return (await tx.query(takeExpiringSql, [from, until])).map(toListed);
}

const findChannelsSql = appStatement<{ channel_id: string }>(
  "tokens.find_channels",
  "select channel_id from channels where organisation_id = $1 and app_id = $2 and channel_id = any($3::uuid[])",
);

/** Those of the channels that the app has. */
export async function findChannels(tx: TenantTx, channelIds: readonly ChannelId[]): Promise<ChannelId[]> {
  const rows = await tx.query(findChannelsSql, [channelIds.map(toUuid)]);
  return rows.map((row) => fromUuid("channel", row.channel_id));
}

const appNameSql = appStatement<{ name: string }>(
  "tokens.app_name",
  "select name from apps where organisation_id = $1 and app_id = $2",
);

/** The app's name, for letters. */
export async function getAppName(tx: TenantTx): Promise<string> {
  return (await tx.query(appNameSql))[0]?.name ?? "";
}

const daysMaxSql = organisationStatement<{ token_days_max: number }>(
  "tokens.days_max",
  "select token_days_max from organisations where organisation_id = $1",
);

/** For how many days the organisation lets a token live; 0 when there is no such organisation. */
export async function getDaysMax(tx: OrganisationTx): Promise<number> {
  return (await tx.query(daysMaxSql))[0]?.token_days_max ?? 0;
}
