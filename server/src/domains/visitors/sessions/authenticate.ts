// From a visitor's token to the visitor. The token is checked by its MAC first, without a query; then against the row of
// the session, if there is one by now: a token that was exchanged before is a copy, and ends the session.

import type { VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId, Tenant, VisitorId } from "../../../kernel/ids.ts";
import { newId } from "../../../platform/crypto/random.ts";
import { recordAudit } from "../../audit/index.ts";
import type { Channel } from "../../channels/index.ts";
import { visitorErrors } from "../errors.ts";
import { endVisitor, findVisitor, type StoredVisitor, seeVisitor } from "../store.ts";
import type { SessionDeps } from "./deps.ts";
import { readToken, tokenSeconds, type VisitorToken } from "./token.ts";

/** What a request shows. */
export interface Shown {
  readonly authorization: string | undefined;
  readonly tenant: Tenant;
  readonly channelId: ChannelId;
  readonly site: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  readonly isRotation: boolean;
}

export interface Reused extends Pick<Shown, "tenant" | "channelId" | "remoteAddress" | "requestId"> {
  readonly visitorId: VisitorId;
}

/** How often a session that is in use is noted as such. */
const seenEveryMs = 60_000;
/** Clocks of several processes may differ by this much. */
const skewSeconds = 30;

function readShown(deps: SessionDeps, shown: Shown): VisitorToken {
  const [, text] = /^Bearer ([!-~]{1,200})$/.exec(shown.authorization ?? "") ?? [];
  if (text === undefined) throw new AppError(visitorErrors.tokenRequired);
  const token = readToken(deps.pepper, text, shown);
  const nowSeconds = Math.floor(deps.clock.nowMs() / 1000);
  if (token === undefined || token.issuedAt > nowSeconds + skewSeconds) throw new AppError(visitorErrors.tokenInvalid);
  const hasRunOut = token.issuedAt + tokenSeconds <= nowSeconds;
  if (hasRunOut && !shown.isRotation) throw new AppError(visitorErrors.tokenExpired);
  return token;
}

/** Throws when everybody's chat was ended after the token was issued. */
function assertNotCutOff(channel: Channel, token: VisitorToken): void {
  const sinceMs = channel.visitorsSinceMs;
  if (sinceMs !== undefined && token.issuedAt * 1000 < sinceMs) throw new AppError(visitorErrors.sessionEnded);
}

function isIdle(channel: Channel, stored: StoredVisitor, nowMs: number): boolean {
  const hours = channel.web?.resumeHours ?? 24;
  return stored.seenAt.getTime() + hours * 3_600_000 < nowMs;
}

/** SECURITY: a token that was exchanged is in two hands. Its session ends, for both, and the log says so. */
export async function endReused(deps: SessionDeps, reused: Reused): Promise<never> {
  const { visitorId, channelId, tenant, remoteAddress, requestId } = reused;
  const actor = { kind: "channel", channelId } as const;
  const hasEnded = await deps.database.withTenant(actor, tenant, async (tx) => {
    const isFirst = await endVisitor(tx, visitorId, "token_reused");
    const targets = { visitorId, channelId };
    const entry = {
      action: "visitor.token_reused",
      operation: "visitors.authenticate",
      requestId,
      remoteAddress,
      targets,
    };
    if (isFirst) await recordAudit(tx, entry);
    return isFirst;
  });
  if (hasEnded) deps.log.warn({ visitorId, requestId }, "a visitor token was used after it had been exchanged");
  throw new AppError(visitorErrors.tokenReused);
}

/** An exchanged token may come once more, from whoever lost the answer: the exchange itself tells by what it was asked with. */
function mayBeRepeated(shown: Shown, token: VisitorToken, stored: StoredVisitor): boolean {
  return shown.isRotation && token.generation + 1 === stored.generation && !stored.isTaken;
}

/** The visitor a request shows the token of. Throws 401: invalid, run out, ended, or used after it had been exchanged. */
export async function authenticateVisitor(deps: SessionDeps, shown: Shown): Promise<VisitorActor> {
  const token = readShown(deps, shown);
  const { tenant, channelId, site } = shown;
  const channel = await deps.directory.find(channelId);
  if (channel === undefined) throw new AppError(visitorErrors.tokenInvalid);
  assertNotCutOff(channel, token);
  const { visitorId, generation } = token;
  const nowMs = deps.clock.nowMs();
  const stored = await deps.database.withTenant({ kind: "channel", channelId }, tenant, async (tx) => {
    const found = await findVisitor(tx, visitorId);
    const isNews = found !== undefined && (!found.isTaken || found.seenAt.getTime() + seenEveryMs < nowMs);
    if (isNews && found.generation === generation && !isIdle(channel, found, nowMs)) {
      await seeVisitor(tx, visitorId, generation);
    }
    return found;
  });
  if (stored === undefined) assertUnstored(token, nowMs);
  else await assertStored(deps, { shown, token, stored, channel });
  const place = { organisationId: tenant.organisationId, appId: tenant.appId, channelId, site };
  const isBegun = stored !== undefined;
  return { kind: "visitor", visitorId, ...place, generation, isBegun, scopes: [], channelIds: [channelId] };
}

/** Nothing is stored of whoever has sent nothing: then the token is all there is, and its time is its own. */
function assertUnstored(token: VisitorToken, nowMs: number): void {
  if (token.generation !== 0) throw new AppError(visitorErrors.sessionEnded);
  if ((token.issuedAt + tokenSeconds) * 1000 <= nowMs) throw new AppError(visitorErrors.tokenExpired);
}

async function assertStored(
  deps: SessionDeps,
  about: { shown: Shown; token: VisitorToken; stored: StoredVisitor; channel: Channel },
): Promise<void> {
  const { shown, token, stored, channel } = about;
  if (stored.endReason !== undefined) {
    throw new AppError(stored.endReason === "token_reused" ? visitorErrors.tokenReused : visitorErrors.sessionEnded);
  }
  // A session may have been given another token between everybody's end and this process's hearing of it.
  const { visitorsSinceMs } = channel;
  if (visitorsSinceMs !== undefined && stored.createdAt.getTime() < visitorsSinceMs) {
    throw new AppError(visitorErrors.sessionEnded);
  }
  if (isIdle(channel, stored, deps.clock.nowMs())) throw new AppError(visitorErrors.sessionEnded);
  if (token.generation > stored.generation) throw new AppError(visitorErrors.tokenInvalid);
  if (token.generation < stored.generation && !mayBeRepeated(shown, token, stored)) {
    await endReused(deps, { ...shown, visitorId: token.visitorId });
  }
}

/** A visitor nobody has seen. Nothing is stored. */
export function greetVisitor(place: { tenant: Tenant; channelId: ChannelId }, site: string): VisitorActor {
  const { tenant, channelId } = place;
  const { organisationId, appId } = tenant;
  const visitorId = newId("visitor");
  const rest = { generation: 0, isBegun: false, scopes: [], channelIds: [channelId] } as const;
  return { kind: "visitor", visitorId, organisationId, appId, channelId, site, ...rest };
}
