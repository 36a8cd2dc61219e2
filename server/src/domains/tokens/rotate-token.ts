// A token gets a successor with the same rights, and lives on for a while so that nothing that uses it stops.

import { AppError } from "../../kernel/errors.ts";
import type { TokenId } from "../../kernel/ids.ts";
import { assertHeld, type Making } from "./create-token.ts";
import { tokenErrors } from "./errors.ts";
import { type IssuedToken, issueToken, tokenDays } from "./issue-token.ts";
import { tellCreated } from "./letters.ts";
import { findListed, getDaysMax, type ListedToken, replaceToken } from "./listing-store.ts";
import { toSight } from "./sight.ts";
import type { TokenDeps } from "./token-deps.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Hours for which the former token still works. */
export const overlapHours = { usual: 24, most: 168 } as const;

export interface Rotation {
  readonly tokenId: TokenId;
  readonly overlapHours: number;
}

async function toDays({ tx }: Making, token: ListedToken): Promise<number> {
  const term = Math.max(1, Math.round((token.expiresAt.getTime() - token.createdAt.getTime()) / dayMs));
  return Math.min(term, await getDaysMax(tx.organisation), tokenDays.most);
}

/**
 * Makes the successor, for as long as the former was made for; its maker is who rotates.
 * SECURITY: so they must hold all that it may do, as if they made it. Throws `tokens.not_found`, `tokens.beyond_maker`, or
 * `tokens.ended` for one that has ended or has a successor; of parallel rotations one wins.
 */
export async function rotateToken(
  deps: TokenDeps,
  making: Making,
  rotation: Rotation,
): Promise<IssuedToken & { formerUntil: Date }> {
  const { tx, actor } = making;
  const token = await findListed(tx, toSight(actor), rotation.tokenId);
  if (token === undefined) throw new AppError(tokenErrors.notFound);
  assertHeld(token.scopes, actor);
  const { kind, name, scopes, networks } = token;
  const channelIds = token.channelIds ?? actor.channelIds;
  const successor = { kind, name, scopes, networks, channelIds, days: await toDays(making, token) };
  const issued = await issueToken(tx, successor, deps);
  const now = deps.clock.nowMs();
  const endsAt = new Date(now + rotation.overlapHours * hourMs);
  const by = { successor: issued.tokenId, endsAt, now: new Date(now) };
  const formerUntil = await replaceToken(tx, token.tokenId, by);
  if (formerUntil === undefined) throw new AppError(tokenErrors.ended);
  await tellCreated(deps, making, { name, scopes, expiresAt: issued.expiresAt });
  return { ...issued, formerUntil };
}
