// Which tokens somebody may look at and end: their own, and those of others with the permission. Whoever is limited to some
// channels sees nothing that reaches beyond them. Pure.

import type { Caller } from "../../kernel/actor.ts";
import type { ListedToken, TokenSight } from "./listing-store.ts";

function holds(actor: Caller, permission: string): boolean {
  const scopes: readonly string[] = actor.kind === "anonymous" ? [] : actor.scopes;
  return scopes.includes(permission);
}

/** What a caller sees: tokens they made themselves, and with `token:read` everybody's. */
export function toSight(actor: Caller): TokenSight {
  return {
    own: actor.kind === "user" ? actor.userId : undefined,
    all: holds(actor, "token:read") || holds(actor, "token:revoke"),
    channelIds: actor.kind === "anonymous" ? [] : actor.channelIds,
  };
}

/** Answers whether a caller may end a token they see. */
export function mayRevoke(actor: Caller, token: ListedToken): boolean {
  const isOwn = actor.kind === "user" && actor.userId === token.makerId;
  return isOwn || holds(actor, "token:revoke");
}
