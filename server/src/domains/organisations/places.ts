// Where a person has a part, and what all these places together ask of them: how long sessions last, which factors are
// needed, which words make a bad password. Reads each organisation in turn, inside its own tenant.

import { type AppId, fromUuid, toUuid, type UserId } from "../../kernel/ids.ts";
import type { BatchTx, OrganisationTx } from "../../platform/db/index.ts";
import { listMembershipsSql } from "../audit/index.ts";
import type { Place, PlaceApp, SessionLimits } from "../identity/index.ts";
import { listApps, listRoleNames, readOrganisationName, type StoredApp } from "./place-store.ts";
import { type Grant, isAdministrative } from "./rights/rights.ts";
import { findStanding, type OrganisationPolicy, type Standing } from "./rights/store.ts";

/** How long sessions last for whoever belongs to no organisation. */
const usualLimits: SessionLimits = { idleMinutes: 60, hours: 24 };

interface Part {
  readonly tx: OrganisationTx;
  readonly standing: Standing;
}

async function listParts(batch: BatchTx, userId: UserId): Promise<Part[]> {
  const rows = await batch.lookUp(listMembershipsSql, [toUuid(userId)]);
  const parts: Part[] = [];
  for (const row of rows) {
    const tx = batch.enterOrganisation(fromUuid("organisation", row.organisation_id));
    const standing = await findStanding(tx, userId);
    if (standing !== undefined) parts.push({ tx, standing });
  }
  return parts;
}

/** The figures an organisation asks for: an administrator's are the stricter of both. */
function listLimits({ grants, policy }: Standing): SessionLimits[] {
  const ordinary = { idleMinutes: policy.sessionIdleMinutes, hours: policy.sessionHours };
  if (!grants.some(isAdministrative)) return [ordinary];
  return [ordinary, { idleMinutes: policy.adminIdleMinutes, hours: policy.adminSessionHours }];
}

/**
 * How long sessions of a person last: the strictest of all organisations they are an active user of, with the figures for
 * administrators wherever they are one.
 */
export async function limitsFor(batch: BatchTx, userId: UserId): Promise<SessionLimits> {
  const limits = (await listParts(batch, userId)).flatMap(({ standing }) => listLimits(standing));
  if (limits.length === 0) return usualLimits;
  return {
    idleMinutes: Math.min(...limits.map((limit) => limit.idleMinutes)),
    hours: Math.min(...limits.map((limit) => limit.hours)),
  };
}

function canSee(grants: readonly Grant[], appId: AppId): boolean {
  return grants.some((grant) => grant.appId === undefined || grant.appId === appId);
}

/** Only the apps in which one of the grants holds. */
export function listVisibleApps(apps: readonly StoredApp[], grants: readonly Grant[]): StoredApp[] {
  return apps.filter((app) => canSee(grants, app.appId));
}

/** The names of a person's organisations and of the apps they see: what is too obvious for their password. */
export async function contextWordsFor(batch: BatchTx, userId: UserId): Promise<string[]> {
  const words = new Set<string>();
  for (const { tx, standing } of await listParts(batch, userId)) {
    words.add(await readOrganisationName(tx));
    for (const app of listVisibleApps(await listApps(tx), standing.grants)) words.add(app.name);
  }
  return [...words];
}

export interface FactorsRequired {
  /** The strictest of all the person's organisations. */
  readonly policy: OrganisationPolicy["factorPolicy"];
  /** Until when they may work without; undefined: at once. */
  readonly graceUntilMs: number | undefined;
}

const strictness = ["optional", "required", "phishing_resistant"] as const;

/** Which factors a person's organisations ask for together: the strictest policy, and the first end of grace. */
export async function factorsRequired(batch: BatchTx, userId: UserId): Promise<FactorsRequired> {
  const policies = (await listParts(batch, userId)).map(({ standing }) => standing.policy);
  const asking = policies.filter((policy) => policy.factorPolicy !== "optional");
  const strictest = Math.max(0, ...asking.map((policy) => strictness.indexOf(policy.factorPolicy)));
  const graces = asking.map((policy) => policy.factorGraceUntilMs ?? 0);
  const graceUntilMs = graces.length === 0 ? 0 : Math.min(...graces);
  return { policy: strictness[strictest] ?? "optional", graceUntilMs: graceUntilMs === 0 ? undefined : graceUntilMs };
}

/** SECURITY: an app appears only to whoever holds a grant in it or in the whole organisation. */
async function toPlace({ tx, standing }: Part, userId: UserId): Promise<Place> {
  const { grants, policy } = standing;
  const custom = await listRoleNames(tx, userId);
  const nameRole = ({ role }: Grant): string =>
    "builtIn" in role ? role.builtIn : (custom.get(role.roleId) ?? role.roleId);
  const namesAt = (appId: AppId | undefined): string[] => [
    ...new Set(grants.filter((grant) => grant.appId === undefined || grant.appId === appId).map(nameRole)),
  ];
  const apps = listVisibleApps(await listApps(tx), grants).map((app): PlaceApp => {
    const { appId, name, suspendedAt, deleteAfter } = app;
    return { appId, name, roles: namesAt(appId), isSuspended: suspendedAt !== undefined, deleteAfter };
  });
  const name = await readOrganisationName(tx);
  return {
    ...{ organisationId: tx.organisationId, name, apps },
    roles: namesAt(undefined),
    isSuspended: policy.isSuspended,
  };
}

/** The organisations a person has a part in, with their roles, and the apps they may see. */
export async function placesFor(batch: BatchTx, userId: UserId): Promise<Place[]> {
  const places: Place[] = [];
  for (const part of await listParts(batch, userId)) {
    if (part.standing.grants.length > 0) places.push(await toPlace(part, userId));
  }
  return places;
}
