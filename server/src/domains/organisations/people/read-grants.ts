// Grants as they are asked for: which role, where, in which channels. What names nothing of this organisation is a mistake
// of a field.

import { z } from "zod";
import { AppError, type FieldMistake } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type AppId, type ChannelId, parseId, type RoleId } from "../../../kernel/ids.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { organisationErrors } from "../errors.ts";
import { type BuiltInRole, builtInRoles } from "../rights/catalogue.ts";
import type { Grant } from "../rights/rights.ts";
import { findGrantPlaces } from "./grant-store.ts";

const channelsMax = 100;
const grantsMax = 200;

/** A grant on the wire. `role` is a built-in role or the id of a custom one. */
export const GrantInput = z.strictObject({
  role: z.union([z.enum(builtInRoles), idOf("role")]),
  appId: idOf("app").optional(),
  channelIds: z.array(idOf("channel")).min(1).max(channelsMax).optional(),
});

export const GrantsInput = z.array(GrantInput).min(1).max(grantsMax);

export const GrantView = z.object({
  role: z.union([z.enum(builtInRoles), idOf("role")]),
  roleName: z.string().max(80),
  appId: idOf("app").optional(),
  appName: z.string().max(200).optional(),
  channelIds: z.array(idOf("channel")).max(channelsMax).optional(),
});

export const grantViewsMax = grantsMax;

/** A grant that was asked for. */
export interface GrantWish {
  readonly role: BuiltInRole | RoleId;
  readonly appId?: AppId | undefined;
  readonly channelIds?: readonly ChannelId[] | undefined;
}

function isRoleId(role: GrantWish["role"]): role is RoleId {
  return parseId("role", role) !== undefined;
}

/** What is wrong with a wish by itself. */
function listMistakes(wish: GrantWish, index: number): FieldMistake[] {
  const mistakes: FieldMistake[] = [];
  if (wish.channelIds !== undefined && wish.appId === undefined) {
    mistakes.push({ path: `grants[${index}].channelIds`, message: "need the app they belong to" });
  }
  if (wish.role === "owner" && wish.appId !== undefined) {
    mistakes.push({ path: `grants[${index}].appId`, message: "an owner owns the whole organisation" });
  }
  return mistakes;
}

type Places = Awaited<ReturnType<typeof findGrantPlaces>>;

function toGrant({ role, appId, channelIds }: GrantWish, places: Places): Grant | undefined {
  if (appId !== undefined && !places.appIds.has(appId)) return undefined;
  const channels = channelIds === undefined ? undefined : [...new Set(channelIds)];
  if (!isRoleId(role)) return { appId, role: { builtIn: role }, channelIds: channels };
  const permissions = places.roles.get(role);
  return permissions === undefined ? undefined : { appId, role: { roleId: role, permissions }, channelIds: channels };
}

async function findPlaces(tx: OrganisationTx, wishes: readonly GrantWish[]): Promise<Places> {
  const appIds = wishes.map((wish) => wish.appId).filter((appId) => appId !== undefined);
  return findGrantPlaces(tx, { appIds, roleIds: wishes.map((wish) => wish.role).filter(isRoleId) });
}

/**
 * The grants that were asked for. Throws `organisations.invalid_grants` naming each field that names nothing here or
 * contradicts another.
 * SECURITY: an app or role of another organisation is one that does not exist.
 */
export async function readGrants(tx: OrganisationTx, wishes: readonly GrantWish[]): Promise<Grant[]> {
  const mistakes = wishes.flatMap(listMistakes);
  const places = await findPlaces(tx, wishes);
  const grants: Grant[] = [];
  for (const [index, wish] of wishes.entries()) {
    const grant = toGrant(wish, places);
    if (grant === undefined) mistakes.push({ path: `grants[${index}]`, message: "there is no such app or role" });
    else grants.push(grant);
    const isTwice = wishes.findIndex((other) => other.appId === wish.appId) !== index;
    if (isTwice) mistakes.push({ path: `grants[${index}].appId`, message: "has two roles in one place" });
  }
  if (mistakes.length > 0) throw new AppError(organisationErrors.invalidGrants, { mistakes });
  return grants;
}

/** Grants in a line for the audit log: ids and built-in roles only. */
export function describeWishes(wishes: readonly GrantWish[]): string {
  const lines = wishes.map(({ role, appId, channelIds }) =>
    [role, appId, ...(channelIds ?? [])].filter(Boolean).join("/"),
  );
  return lines.join(" ").slice(0, 2_000);
}

/** Those of stored wishes that still name something here. */
export async function readRemainingGrants(tx: OrganisationTx, wishes: readonly GrantWish[]): Promise<Grant[]> {
  const places = await findPlaces(tx, wishes);
  return wishes.map((wish) => toGrant(wish, places)).filter((grant) => grant !== undefined);
}
