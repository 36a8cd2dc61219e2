// From an Authorization header to an actor. A token acts in exactly one app, with exactly its scopes.

import type { TokenActor } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type ChannelId, fromUuid, type UserId } from "../../kernel/ids.ts";
import type { Secret } from "../../kernel/secret.ts";
import { hmacSha256 } from "../../platform/crypto/hmac.ts";
import type { Database, TenantTx } from "../../platform/db/index.ts";
import { recordAudit } from "../audit/index.ts";
import { tokenErrors } from "./errors.ts";
import { isTokenSpelling } from "./format.ts";
import { isFromNetwork, toShownNetwork } from "./networks.ts";
import { findToken, findTokenTenantSql, type StoredToken, touchToken } from "./store.ts";

/** What the maker of a token may do today in the token's app; undefined when they have no part in it any more. */
export type MakerRights = (
  tx: TenantTx,
  userId: UserId,
) => Promise<
  { readonly permissions: readonly string[]; readonly channelIds: readonly ChannelId[] | undefined } | undefined
>;

export interface AuthenticateOptions {
  readonly database: Database;
  readonly pepper: Secret<Buffer>;
  readonly clock: Clock;
  readonly rightsOfMaker: MakerRights;
  /** Throws when the token's app is closed to everybody. */
  readonly assertOpen?: ((tx: TenantTx) => Promise<void>) | undefined;
  /** The permissions that scopes stand for, bundles taken apart. */
  readonly expandScopes: (scopes: readonly string[]) => readonly string[];
}

/** The hash a token is stored under: keyed, so a copy of the database alone cannot test guesses. */
export function hashToken(token: string, pepper: Secret<Buffer>): Buffer {
  return hmacSha256(pepper.reveal(), token);
}

const bearerPattern = /^Bearer ([\x21-\x7e]{1,255})$/i;

function isAlive(stored: StoredToken, { clock }: AuthenticateOptions): boolean {
  return !stored.isRevoked && stored.expiresAtMs > clock.nowMs();
}

/** Channels that both lists allow; undefined is every channel. */
function narrow(
  own: readonly ChannelId[] | undefined,
  other: readonly ChannelId[] | undefined,
): readonly ChannelId[] | undefined {
  if (own === undefined || other === undefined) return own ?? other;
  return own.filter((channelId) => other.includes(channelId));
}

/**
 * What a token may do now.
 * SECURITY: its scopes AND its maker's rights today, so that demoting the maker takes effect on the next call.
 */
async function toActor(
  tx: TenantTx,
  stored: StoredToken,
  options: AuthenticateOptions,
): Promise<TokenActor | undefined> {
  const actor = { kind: "token", tokenId: stored.tokenId, ...tx.tenant } as const;
  const scopes = options.expandScopes(stored.scopes);
  if (stored.madeByUserId === undefined) return { ...actor, scopes, channelIds: stored.channelIds };
  const rights = await options.rightsOfMaker(tx, stored.madeByUserId);
  if (rights === undefined) return undefined;
  return {
    ...actor,
    scopes: scopes.filter((scope) => rights.permissions.includes(scope)),
    channelIds: narrow(stored.channelIds, rights.channelIds),
  };
}

/** Where and in which request a token was shown. */
export interface TokenShown {
  readonly authorization: string | undefined;
  readonly remoteAddress: string;
  readonly requestId?: string | undefined;
}

/** Notes the use; the first in an hour is an entry of the audit log, with the token as who acts. */
async function noteUse(tx: TenantTx, actor: TokenActor, { remoteAddress, requestId = "" }: TokenShown): Promise<void> {
  const { tokenId } = actor;
  if (!(await touchToken(tx, tokenId, toShownNetwork(remoteAddress)))) return;
  const asToken = { ...tx, actor, organisation: { ...tx.organisation, actor } };
  const note = { action: "token.used", operation: "authenticate", targets: { tokenId }, remoteAddress, requestId };
  await recordAudit(asToken, note);
}

/**
 * Reads `Authorization: Bearer`. Throws `tokens.missing` without one, `tokens.refused` for anything but a living token
 * that comes from where it may. A wrong checksum costs no query.
 */
export async function authenticateToken(options: AuthenticateOptions, shown: TokenShown): Promise<TokenActor> {
  const token = bearerPattern.exec(shown.authorization ?? "")?.[1];
  if (token === undefined) throw new AppError(tokenErrors.missing);
  if (!isTokenSpelling(token)) throw new AppError(tokenErrors.refused, { note: "checksum" });
  const hash = hashToken(token, options.pepper);
  const place = (await options.database.lookUp(findTokenTenantSql, [hash]))[0];
  if (place === undefined) throw new AppError(tokenErrors.refused, { note: "unknown" });
  const tenant = {
    organisationId: fromUuid("organisation", place.organisation_id),
    appId: fromUuid("app", place.app_id),
  };
  const actor = await options.database.withTenant({ kind: "system", job: "authenticate" }, tenant, async (tx) => {
    const stored = await findToken(tx, hash);
    if (stored === undefined || !isAlive(stored, options)) return undefined;
    if (!isFromNetwork(shown.remoteAddress, stored.networks)) return undefined;
    await options.assertOpen?.(tx);
    const found = await toActor(tx, stored, options);
    if (found !== undefined) await noteUse(tx, found, shown);
    return found;
  });
  if (actor === undefined) throw new AppError(tokenErrors.refused, { note: "expired, revoked or from elsewhere" });
  return actor;
}
