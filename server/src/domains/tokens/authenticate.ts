// From an Authorization header to an actor. A token acts in exactly one app, with exactly its scopes.

import type { TokenActor } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { fromUuid } from "../../kernel/ids.ts";
import type { Secret } from "../../kernel/secret.ts";
import { hmacSha256 } from "../../platform/crypto/hmac.ts";
import type { Database } from "../../platform/db/index.ts";
import { tokenErrors } from "./errors.ts";
import { isTokenSpelling } from "./format.ts";
import { findToken, findTokenTenantSql, touchToken } from "./store.ts";

export interface AuthenticateOptions {
  readonly database: Database;
  readonly pepper: Secret<Buffer>;
  readonly clock: Clock;
}

/** The hash a token is stored under: keyed, so a copy of the database alone cannot test guesses. */
export function hashToken(token: string, pepper: Secret<Buffer>): Buffer {
  return hmacSha256(pepper.reveal(), token);
}

const bearerPattern = /^Bearer ([\x21-\x7e]{1,255})$/i;

/**
 * Reads `Authorization: Bearer`. Throws `tokens.missing` without one, `tokens.refused` for anything but a living token.
 * A wrong checksum costs no query.
 */
export async function authenticateToken(
  options: AuthenticateOptions,
  authorization: string | undefined,
): Promise<TokenActor> {
  const token = bearerPattern.exec(authorization ?? "")?.[1];
  if (token === undefined) throw new AppError(tokenErrors.missing);
  if (!isTokenSpelling(token)) throw new AppError(tokenErrors.refused, { note: "checksum" });
  const hash = hashToken(token, options.pepper);
  const place = (await options.database.lookUp(findTokenTenantSql, [hash]))[0];
  if (place === undefined) throw new AppError(tokenErrors.refused, { note: "unknown" });
  const tenant = {
    organisationId: fromUuid("organisation", place.organisation_id),
    appId: fromUuid("app", place.app_id),
  };
  const actor = { kind: "system", job: "authenticate" } as const;
  const stored = await options.database.withTenant(actor, tenant, async (tx) => {
    const found = await findToken(tx, hash);
    if (found !== undefined) await touchToken(tx, found.tokenId);
    return found;
  });
  if (stored === undefined || stored.isRevoked || stored.expiresAtMs <= options.clock.nowMs()) {
    throw new AppError(tokenErrors.refused, { note: stored === undefined ? "unknown" : "expired or revoked" });
  }
  return { kind: "token", tokenId: stored.tokenId, ...tenant, scopes: stored.scopes };
}
