// What a person may do at one place, from the grants they hold there. Pure. Nothing granted is nothing allowed; what is
// granted for the whole organisation holds in each of its apps, and what is granted for one app holds in that one only.

import type { Permission } from "../../../kernel/actor.ts";
import type { AppId, ChannelId, RoleId } from "../../../kernel/ids.ts";
import { type BuiltInRole, expandScopes, listRolePermissions } from "./catalogue.ts";

/** A role held somewhere. `appId` undefined: in the whole organisation. `channelIds` undefined: in every channel. */
export interface Grant {
  readonly appId: AppId | undefined;
  readonly role:
    | { readonly builtIn: BuiltInRole }
    | { readonly roleId: RoleId; readonly permissions: readonly string[] };
  readonly channelIds: readonly ChannelId[] | undefined;
}

export interface Rights {
  readonly permissions: readonly Permission[];
  /** Undefined: every channel. */
  readonly channelIds: readonly ChannelId[] | undefined;
}

/** What a grant allows, wherever it holds. */
export function listGrantPermissions(grant: Grant): readonly Permission[] {
  return "builtIn" in grant.role ? listRolePermissions(grant.role.builtIn) : expandScopes(grant.role.permissions);
}

/**
 * The rights of the grants at one place: `appId` undefined asks for the organisation itself. Undefined when there is no
 * grant at all, so that the place can be hidden. The app's own grant and the organisation's add up; channel limits hold
 * only when every grant that applies is limited.
 * SECURITY: a grant for one app gives nothing in another one, nor in the organisation.
 */
export function toRights(grants: readonly Grant[], appId: AppId | undefined): Rights | undefined {
  const applying = grants.filter((grant) => grant.appId === undefined || grant.appId === appId);
  if (applying.length === 0) return undefined;
  const unlimited = applying.filter((grant) => grant.channelIds === undefined);
  // Mixed grants: what is held everywhere is held everywhere, and what is held in some channels only is left out rather
  // than widened.
  const counting = unlimited.length > 0 ? unlimited : applying;
  const permissions = [...new Set(counting.flatMap(listGrantPermissions))];
  const channelIds =
    unlimited.length > 0 ? undefined : [...new Set(applying.flatMap((grant) => grant.channelIds ?? []))];
  return { permissions, channelIds };
}

/** Answers whether a person holds any part of the organisation, however small: enough to know that it exists. */
export function hasPart(grants: readonly Grant[]): boolean {
  return grants.length > 0;
}

/**
 * Answers whether somebody with `own` rights may give `granted` at the same place.
 * SECURITY: nobody can grant what they do not have.
 */
export function mayGrant(own: Rights, granted: Rights): boolean {
  const hasAll = granted.permissions.every((permission) => own.permissions.includes(permission));
  if (own.channelIds === undefined) return hasAll;
  const limits = own.channelIds;
  return hasAll && granted.channelIds?.every((channelId) => limits.includes(channelId)) === true;
}
