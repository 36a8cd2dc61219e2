// The letters about tokens, to their makers and to nobody else. The token itself is in none of them.

import { isError } from "../../kernel/errors.ts";
import type { UserId } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/operation.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { identityErrors, readUser } from "../identity/index.ts";
import { queueLetter } from "../letters/index.ts";
import {
  type LetterLink,
  type Occasion,
  toLink,
  toTokenCreatedLetter,
  toTokenExpiringLetter,
  toTokenLeakedLetter,
  type WrittenLetter,
} from "../notices/index.ts";
import { getAppName, type ListedToken } from "./listing-store.ts";
import type { TokenDeps } from "./token-deps.ts";

export type { Occasion } from "../notices/index.ts";

function toTokensLink({ publicUrl }: TokenDeps, tx: TenantTx): LetterLink {
  return toLink(publicUrl, "/tokens", { app: tx.tenant.appId });
}

/** Queues a letter in the transaction of what it tells about, so that both happen or neither. */
async function tell(deps: TokenDeps, tx: TenantTx, what: { userId: UserId; letter: WrittenLetter }): Promise<void> {
  const { batch } = tx.organisation;
  const sealer = await deps.installation.sealer();
  try {
    const { email } = await readUser(batch.enterUser(what.userId), sealer);
    await queueLetter(batch, sealer, { to: email, ...what.letter });
  } catch (error) {
    // Whoever is gone for good gets no letter, and what happens to their tokens does not depend on it.
    if (!isError(error, identityErrors.unknownUser)) throw error;
  }
}

/** When and from where a request was made. */
export function toOccasion({ clock, describeDevice }: TokenDeps, origin: Origin): Occasion {
  return { atMs: clock.nowMs(), device: describeDevice(origin.userAgent), network: origin.address };
}

/** Tells the maker that a token was made in their name. */
export async function tellCreated(
  deps: TokenDeps,
  { tx, actor, occasion }: { tx: TenantTx; actor: { userId: UserId }; occasion: Occasion },
  token: { name: string; scopes: readonly string[]; expiresAt: Date },
): Promise<void> {
  const letter = toTokenCreatedLetter({
    tokenName: token.name,
    appName: await getAppName(tx),
    scopes: token.scopes,
    expiresAtMs: token.expiresAt.getTime(),
    occasion,
    tokensLink: toTokensLink(deps, tx),
  });
  await tell(deps, tx, { userId: actor.userId, letter });
}

/** Tells the maker that their token was found in public and revoked. */
export async function tellLeaked(deps: TokenDeps, tx: TenantTx, token: ListedToken): Promise<void> {
  if (token.makerId === undefined) return;
  const letter = toTokenLeakedLetter({
    tokenName: token.name,
    appName: await getAppName(tx),
    shown: token.shown,
    revokedAtMs: deps.clock.nowMs(),
    tokensLink: toTokensLink(deps, tx),
  });
  await tell(deps, tx, { userId: token.makerId, letter });
}

/** Tells the maker that their token ends soon. */
export async function tellExpiring(deps: TokenDeps, tx: TenantTx, token: ListedToken): Promise<void> {
  if (token.makerId === undefined) return;
  const letter = toTokenExpiringLetter({
    tokenName: token.name,
    appName: await getAppName(tx),
    sentAtMs: deps.clock.nowMs(),
    expiresAtMs: token.expiresAt.getTime(),
    tokensLink: toTokensLink(deps, tx),
  });
  await tell(deps, tx, { userId: token.makerId, letter });
}
