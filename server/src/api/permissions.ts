// Whether a caller may call an operation, and on which channel. Pure; what is not granted is denied.

import type { AnonymousActor, Caller, Permission } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Operation, Waived } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";

/** Answers whether `scopes` hold the permission itself or the bundle of its resource, `resource:admin`. */
export function isPermitted(scopes: readonly string[], permission: Permission): boolean {
  const resource = permission.slice(0, permission.indexOf(":"));
  return scopes.includes(permission) || scopes.includes(`${resource}:admin`);
}

/** Throws `api.forbidden`, naming what is missing. SECURITY: default deny. */
export function assertPermitted(actor: Exclude<Caller, AnonymousActor>, permission: Permission | Waived): void {
  if (typeof permission !== "string" || isPermitted(actor.scopes, permission)) return;
  const who = actor.kind === "token" ? "The token does" : "You do";
  throw new AppError(apiErrors.forbidden, { detail: `${who} not have the permission ${permission}.` });
}

/**
 * Throws when a caller who is limited to some channels acts on another one, or on what belongs to no single channel.
 * SECURITY: another channel's things answer like things that do not exist.
 */
export function assertChannel(actor: Caller, operation: Operation, input: object): void {
  const limits = actor.kind === "anonymous" ? undefined : actor.channelIds;
  if (limits === undefined || operation.scope !== "app" || operation.channel === "filters") return;
  if (operation.channel === undefined) {
    const detail = "This reaches beyond single channels, and your rights are limited to some.";
    throw new AppError(apiErrors.forbidden, { detail });
  }
  const channelId: unknown = Reflect.get(input, operation.channel.field);
  if (limits.some((allowed) => allowed === channelId)) return;
  throw new AppError(apiErrors.unknownChannel);
}
