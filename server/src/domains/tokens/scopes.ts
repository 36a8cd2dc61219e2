// What a token may be allowed to do: permissions of the catalogue or bundles of one resource, held by its maker. Pure.

import type { FieldMistake } from "../../kernel/errors.ts";
import { expandScopes } from "../organisations/index.ts";
import type { TokenKind } from "./format.ts";

/** What a bot's token may hold: a bot speaks and reads what was said, it does not administer. */
function isForBots(permission: string): boolean {
  return permission.startsWith("bot:") || permission === "conversation:read" || permission === "trace:read";
}

/** Why a scope cannot be given to a token of this kind; undefined when it can. */
function findScopeFault(scope: string, kind: TokenKind): string | undefined {
  const meant = expandScopes([scope]);
  if (meant.length === 0) return "is neither a permission, resource:verb, nor a bundle of them, resource:admin";
  if (kind === "bot" && !meant.every(isForBots)) {
    return "is not for bots: they hold bot:..., conversation:read and trace:read only";
  }
  return undefined;
}

/** The mistakes in a list of scopes, by `scopes[n]`. */
export function listScopeMistakes(scopes: readonly string[], kind: TokenKind): FieldMistake[] {
  return scopes.flatMap((scope, index) => {
    const message = findScopeFault(scope, kind);
    return message === undefined ? [] : [{ path: `scopes[${index}]`, message }];
  });
}

/**
 * The scopes that somebody with `held` permissions cannot give, by `scopes[n]`. A bundle needs all that it stands for.
 * SECURITY: a token never holds what its maker does not.
 */
export function listScopesBeyond(scopes: readonly string[], held: readonly string[]): FieldMistake[] {
  return scopes.flatMap((scope, index) => {
    const lacking = expandScopes([scope]).filter((permission) => !held.includes(permission));
    if (lacking.length === 0) return [];
    return [{ path: `scopes[${index}]`, message: `needs ${lacking.join(", ")}, which you do not have here` }];
  });
}
