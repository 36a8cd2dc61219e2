// Whether scopes allow an operation. Pure; what is not granted is denied.

import type { Permission } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Waived } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";

/** Answers whether `scopes` hold the permission itself or the bundle of its resource, `resource:admin`. */
export function isPermitted(scopes: readonly string[], permission: Permission): boolean {
  const resource = permission.slice(0, permission.indexOf(":"));
  return scopes.includes(permission) || scopes.includes(`${resource}:admin`);
}

/** Throws `api.forbidden`, naming what is missing. SECURITY: default deny. */
export function assertPermitted(scopes: readonly string[], permission: Permission | Waived): void {
  if (typeof permission !== "string" || isPermitted(scopes, permission)) return;
  throw new AppError(apiErrors.forbidden, { detail: `The token does not have the permission ${permission}.` });
}
