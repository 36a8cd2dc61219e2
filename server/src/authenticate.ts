// From credentials to an actor, for every surface: a token acts in its own app; a person acts where they say and have a
// part. Everything is read anew on every request, so that whatever was revoked, demoted or suspended holds on the next.

import type { Authenticate, Credentials, Demand } from "./api/index.ts";
import { apiErrors } from "./api/index.ts";
import { listMembershipsSql } from "./domains/audit/index.ts";
import { findSession, identityErrors, type LiveSession, stepUpSecondsMax } from "./domains/identity/index.ts";
import {
  expandScopes,
  findAppOrganisationSql,
  findStanding,
  hasPart,
  isApp,
  isClosed,
  type OrganisationPolicy,
  organisationErrors,
  type Standing,
  toRights,
} from "./domains/organisations/index.ts";
import { type AuthenticateOptions, authenticateToken } from "./domains/tokens/index.ts";
import type { Permission, TokenActor, UserActor } from "./kernel/actor.ts";
import type { Clock } from "./kernel/clock.ts";
import { AppError } from "./kernel/errors.ts";
import { type AppId, fromUuid, type OrganisationId, toUuid, type UserId } from "./kernel/ids.ts";
import type { Secret } from "./kernel/secret.ts";
import type { Database, TenantTx } from "./platform/db/index.ts";

export interface AuthenticateMeans {
  readonly database: Database;
  readonly pepper: Secret<Buffer>;
  readonly clock: Clock;
}

/** What keeps working while an organisation is suspended: taking it back, and deleting it. */
const whileSuspended = new Set(["organisation:read", "organisation:suspend", "organisation:delete"]);

async function rightsOfMaker(tx: TenantTx, userId: UserId, about: Permission | undefined) {
  const standing = await findStanding(tx.organisation, userId);
  if (standing === undefined || standing.policy.isSuspended) return undefined;
  return toRights(standing.grants, tx.tenant.appId, about);
}

async function assertOpen(tx: TenantTx): Promise<void> {
  if (await isClosed(tx)) throw new AppError(organisationErrors.suspended);
}

async function admitToken(means: AuthenticateMeans, credentials: Credentials, demand: Demand): Promise<TokenActor> {
  const options: AuthenticateOptions = {
    ...{ ...means, expandScopes, assertOpen },
    rightsOfMaker: (tx, userId) => rightsOfMaker(tx, userId, demand.permission),
  };
  const actor = await authenticateToken(options, credentials);
  if (demand.scope !== "app") throw new AppError(apiErrors.personRequired);
  const isElsewhere =
    (demand.appId !== undefined && demand.appId !== actor.appId) ||
    (demand.organisationId !== undefined && demand.organisationId !== actor.organisationId);
  // SECURITY: a token's place is its own; naming another one is naming one that does not exist.
  if (isElsewhere) throw new AppError(apiErrors.unknownPlace);
  return actor;
}

/** Throws when the policy asks for a factor that the person does not have or did not use. */
function assertFactors(policy: OrganisationPolicy, session: LiveSession, { clock }: AuthenticateMeans): void {
  if (policy.factorPolicy === "optional") return;
  const isGrace = policy.factorGraceUntilMs !== undefined && policy.factorGraceUntilMs > clock.nowMs();
  const wantsPasskey = policy.factorPolicy === "phishing_resistant";
  const hasFactor = session.hasPasskey || (!wantsPasskey && session.hasTotp);
  if (!hasFactor && !isGrace) throw new AppError(identityErrors.factorEnrolmentRequired);
  const used = new Set(session.methods);
  const hasUsed = used.has("passkey") || (!wantsPasskey && (used.has("totp") || used.has("recovery_code")));
  // Somebody who enrolled a factor in another session has to show it in this one.
  if (hasFactor && !hasUsed && !isGrace) throw new AppError(apiErrors.stepUpRequired);
}

async function placeOf(means: AuthenticateMeans, userId: UserId, demand: Demand): Promise<OrganisationId> {
  if (demand.organisationId !== undefined) return demand.organisationId;
  if (demand.appId === undefined) throw new AppError(apiErrors.placeRequired);
  const rows = await means.database.lookUp(findAppOrganisationSql, [toUuid(demand.appId), toUuid(userId)]);
  if (rows[0] === undefined) throw new AppError(apiErrors.unknownPlace);
  return fromUuid("organisation", rows[0].organisation_id);
}

function toPermissions({ grants }: Standing, appId: AppId | undefined, demand: Demand): ReturnType<typeof toRights> {
  const rights = toRights(grants, appId, demand.permission);
  if (rights !== undefined || appId !== undefined) return rights;
  // Whoever has a part in one app belongs to the organisation, without any right in the whole of it.
  return hasPart(grants) ? noRights : undefined;
}

/** SECURITY: an app one has no part in is no way to its organisation either: it would be told from one that is not there. */
function isVisible({ grants }: Standing, appId: AppId | undefined): boolean {
  return appId === undefined || toRights(grants, appId) !== undefined;
}

const noRights = { permissions: [], channelIds: undefined } as const;

async function admitTo(means: AuthenticateMeans, session: LiveSession, demand: Demand): Promise<UserActor> {
  const organisationId = await placeOf(means, session.userId, demand);
  const appId = demand.scope === "app" ? demand.appId : undefined;
  if (demand.scope === "app" && appId === undefined) throw new AppError(apiErrors.placeRequired);
  const system = { kind: "system", job: "authenticate" } as const;
  const { standing, hasApp } = await means.database.withOrganisation(system, organisationId, async (tx) => ({
    standing: await findStanding(tx, session.userId),
    hasApp: demand.appId === undefined || (await isApp(tx, demand.appId)),
  }));
  const isKnown = standing !== undefined && hasApp && isVisible(standing, demand.appId);
  const rights = isKnown ? toPermissions(standing, appId, demand) : undefined;
  // SECURITY: no part in it answers like no such thing.
  if (standing === undefined || rights === undefined) throw new AppError(apiErrors.unknownPlace);
  assertFactors(standing.policy, session, means);
  const isShut = appId !== undefined && (standing.closedAppIds.includes(appId) || standing.policy.isSuspended);
  if (isShut) throw new AppError(organisationErrors.suspended);
  const scopes = standing.policy.isSuspended
    ? rights.permissions.filter((permission) => whileSuspended.has(permission))
    : rights.permissions;
  return { ...toUserActor(session), organisationId, appId, scopes, channelIds: rights.channelIds };
}

function toUserActor(session: LiveSession): UserActor {
  const { userId, sessionId, steppedUpSecondsAgo } = session;
  const isSteppedUp = steppedUpSecondsAgo !== undefined && steppedUpSecondsAgo <= stepUpSecondsMax;
  return { kind: "user", userId, sessionId, scopes: [], isSteppedUp };
}

/** Throws when any organisation of the person asks for a factor they lack: they can do nothing but enrol one. */
async function assertEnrolled(means: AuthenticateMeans, session: LiveSession): Promise<void> {
  const system = { kind: "system", job: "authenticate" } as const;
  await means.database.withBatch(system, async (batch) => {
    for (const row of await batch.lookUp(listMembershipsSql, [toUuid(session.userId)])) {
      const tx = batch.enterOrganisation(fromUuid("organisation", row.organisation_id));
      const standing = await findStanding(tx, session.userId);
      if (standing !== undefined) assertFactors(standing.policy, session, means);
    }
  });
}

/** The one way from credentials to an actor. */
export function createAuthenticate(means: AuthenticateMeans): Authenticate {
  return async (credentials, demand) => {
    if (credentials.authorization !== undefined) return admitToken(means, credentials, demand);
    if (credentials.session === undefined) throw new AppError(identityErrors.sessionRequired);
    const session = await findSession(means.database, credentials.session);
    if (session === undefined) throw new AppError(identityErrors.sessionRequired);
    if (demand.scope !== "user") return admitTo(means, session, demand);
    if (!demand.isOpenWhileEnrolling) await assertEnrolled(means, session);
    return toUserActor(session);
  };
}
