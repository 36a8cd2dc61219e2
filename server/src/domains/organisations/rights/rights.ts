// What a person may do at one place, from the grants they hold there. Pure. Nothing granted is nothing allowed; what is
// granted for the whole organisation holds in each of its apps, and what is granted for one app holds in that one only.
//
// Somebody may hold one permission in every channel and another in some of them, which no single list of permissions with
// a single list of channels can say. Rights are therefore those for one question: what is asked about decides which of
// the rectangles inside the whole is meant. Every one of them lies inside what was granted.

import type { Permission } from "../../../kernel/actor.ts";
import type { AppId, ChannelId, RoleId } from "../../../kernel/ids.ts";
import { type BuiltInRole, expandScopes, isAdministrators, listRolePermissions } from "./catalogue.ts";

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

function listApplying(grants: readonly Grant[], appId: AppId | undefined): readonly Grant[] {
  return grants.filter((grant) => grant.appId === undefined || grant.appId === appId);
}

/** The channels all of the grants name together; undefined when one of them holds in every channel. */
function joinChannels(grants: readonly Grant[]): readonly ChannelId[] | undefined {
  if (grants.some((grant) => grant.channelIds === undefined)) return undefined;
  return [...new Set(grants.flatMap((grant) => grant.channelIds ?? []))];
}

/** Answers whether channels `inner` all lie within `outer`; undefined is every channel. */
function isWithin(inner: readonly ChannelId[] | undefined, outer: readonly ChannelId[] | undefined): boolean {
  return outer === undefined || inner?.every((channelId) => outer.includes(channelId)) === true;
}

/**
 * The rights of the grants at one place: `appId` undefined asks for the organisation itself. Undefined when there is no
 * grant at all, so that the place can be hidden. `about` is the permission an operation asks for: the channels are then
 * those in which it is held, and the permissions those held in all of these channels. Without it they are the widest
 * channels of any grant.
 * SECURITY: a grant for one app gives nothing in another one, nor in the organisation; two grants together never give a
 * permission in a channel in which neither gives it.
 */
export function toRights(grants: readonly Grant[], appId: AppId | undefined, about?: Permission): Rights | undefined {
  const applying = listApplying(grants, appId);
  if (applying.length === 0) return undefined;
  const held = applying.map((grant) => ({ grant, permissions: listGrantPermissions(grant) }));
  const holders = (permission: Permission): Grant[] =>
    held.filter(({ permissions }) => permissions.includes(permission)).map(({ grant }) => grant);
  const asked = about === undefined ? [] : holders(about);
  const channelIds = joinChannels(asked.length > 0 ? asked : applying);
  const all = new Set(held.flatMap(({ permissions }) => permissions));
  const permissions = [...all].filter((permission) => isWithin(channelIds, joinChannels(holders(permission))));
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
  return hasAll && isWithin(granted.channelIds, own.channelIds);
}

/**
 * Answers whether `own` grants hold everything that `other` gives, where it gives it: permission by permission, channel by
 * channel. Whoever covers a grant may give it and take it away.
 * SECURITY: what is held in one app covers nothing in the organisation nor in another app.
 */
export function coversGrant(own: readonly Grant[], other: Grant): boolean {
  const applying = listApplying(own, other.appId);
  return listGrantPermissions(other).every((permission) => {
    const holders = applying.filter((grant) => listGrantPermissions(grant).includes(permission));
    return holders.length > 0 && isWithin(other.channelIds, joinChannels(holders));
  });
}

/**
 * Answers whether a grant makes its holder one who administers: an owner, an admin, or somebody with a role made of what
 * only these hold. Such grants are given and taken by whoever holds `user:administer`, and shorten sessions.
 */
export function isAdministrative(grant: Grant): boolean {
  return listGrantPermissions(grant).some(isAdministrators);
}
