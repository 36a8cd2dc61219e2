// Exchanges a visitor's token for another one. Each is exchanged once; whoever lost the answer asks again with the same
// random text and gets the same right again, as long as the token they were given has not been shown.

import type { VisitorActor } from "../../../kernel/actor.ts";
import { toUuid, type VisitorId } from "../../../kernel/ids.ts";
import { hmacSha256, isEqualInConstantTime } from "../../../platform/crypto/hmac.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { findVisitor, raiseGeneration } from "../store.ts";
import type { SessionDeps } from "./deps.ts";
import { tokenSeconds, writeToken } from "./token.ts";

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: string;
}

/** The token of a visitor for the next 15 minutes. */
export function issueToken(
  { pepper, clock }: Pick<SessionDeps, "pepper" | "clock">,
  actor: Pick<VisitorActor, "visitorId" | "generation" | "channelId" | "site">,
): IssuedToken {
  const issuedAt = Math.floor(clock.nowMs() / 1000);
  const { visitorId, generation, channelId, site } = actor;
  const token = writeToken(pepper, { visitorId, generation, issuedAt }, { channelId, site });
  return { token, expiresAt: new Date((issuedAt + tokenSeconds) * 1000).toISOString() };
}

/** What a website's token may name, to be good for this visitor's session alone. Nothing is stored of it. */
export function toIdentityNonce({ pepper }: Pick<SessionDeps, "pepper">, visitorId: VisitorId): string {
  return hmacSha256(pepper.reveal(), `visitor identity\0${toUuid(visitorId)}`)
    .toString("base64url")
    .slice(0, 32);
}

/** Undefined: the token was exchanged before, with another text. The caller ends the session. */
async function findNextGeneration(tx: TenantTx, actor: VisitorActor, rotationKey: Buffer): Promise<number | undefined> {
  const raised = await raiseGeneration(tx, actor.visitorId, { from: actor.generation, rotationKey });
  if (raised !== undefined) return raised;
  const stored = await findVisitor(tx, actor.visitorId);
  const isRepeat =
    stored !== undefined &&
    stored.generation === actor.generation + 1 &&
    !stored.isTaken &&
    stored.rotationKey !== undefined &&
    isEqualInConstantTime(stored.rotationKey, rotationKey);
  return isRepeat ? stored.generation : undefined;
}

/** Another token. Before anything was sent it is of the same generation: there is nothing a copy could reach. */
export async function rotateToken(
  deps: SessionDeps,
  tx: TenantTx,
  { actor, rotationId }: { actor: VisitorActor; rotationId: string },
): Promise<IssuedToken | undefined> {
  if (!actor.isBegun) return issueToken(deps, actor);
  const rotationKey = hmacSha256(deps.pepper.reveal(), `visitor rotation\0${toUuid(actor.visitorId)}\0${rotationId}`);
  const generation = await findNextGeneration(tx, actor, rotationKey);
  return generation === undefined ? undefined : issueToken(deps, { ...actor, generation });
}
