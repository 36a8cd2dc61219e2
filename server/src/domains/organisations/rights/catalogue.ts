// The permission catalogue: who of the built-in roles may do what. Every permission an operation asks for is a row here,
// or the product does not start; a role that is not named in a row does not have it.
//
// After the reference platform's table, mended: a builder makes no tokens (a token could do more than its maker), secrets
// of channels are for those who connect them, and reading conversations is a right of its own that building does not give.

import type { Permission } from "../../../kernel/actor.ts";

/** Built-in roles, from the one that may do most. */
export const builtInRoles = [
  "owner",
  "admin",
  "channel_manager",
  "builder",
  "support",
  "auditor",
  "inbox_agent",
] as const;

export type BuiltInRole = (typeof builtInRoles)[number];

type Holders = readonly BuiltInRole[];

const everybody: Holders = builtInRoles;
const lookers: Holders = ["owner", "admin", "channel_manager", "builder", "support", "auditor"];
const makers: Holders = ["owner", "admin", "channel_manager", "builder"];
const connectors: Holders = ["owner", "admin", "channel_manager"];
const administrators: Holders = ["owner", "admin"];
const speakers: Holders = ["owner", "admin", "support", "inbox_agent"];

/** Who holds each permission. */
export const catalogue: Readonly<Record<Permission, Holders>> = {
  "organisation:read": everybody,
  "organisation:update": administrators,
  "organisation:suspend": ["owner"],
  "organisation:delete": ["owner"],
  "organisation:transfer": ["owner"],
  "app:read": everybody,
  "app:create": administrators,
  "app:update": administrators,
  "app:suspend": administrators,
  "app:delete": ["owner"],
  "user:read": lookers,
  "user:invite": administrators,
  "user:update": administrators,
  "user:remove": administrators,
  // Making, changing or removing owners and admins.
  "user:administer": ["owner"],
  "role:read": lookers,
  "role:write": administrators,
  "session:read": administrators,
  "session:end": administrators,
  "token:read": [...administrators, "auditor"],
  "token:create": [...administrators, "channel_manager"],
  "token:revoke": administrators,
  "audit:read": [...administrators, "auditor"],
  "channel:read": lookers,
  "channel:write": connectors,
  "tree:read": lookers,
  "tree:write": makers,
  "tree:publish": makers,
  "webhook:read": [...connectors, "auditor"],
  "webhook:write": connectors,
  "bot:sendResponses": speakers,
  "bot:redirectMemberToNode": speakers,
  "conversation:read": [...speakers, "auditor"],
  // Taking conversations, answering in them, handing them back.
  "conversation:write": speakers,
  "trace:read": [...makers, "auditor"],
  // The app's own files; those sent in conversations take `conversation:read` besides.
  "file:read": everybody,
  "file:write": ["owner", "admin", "channel_manager", "builder", "support", "inbox_agent"],
};

/** Every permission there is. */
export const permissions: readonly Permission[] = Object.keys(catalogue) as Permission[];

/** What a built-in role may do. */
export function listRolePermissions(role: BuiltInRole): readonly Permission[] {
  return permissions.filter((permission) => catalogue[permission]?.includes(role));
}

/** Answers whether nobody but owners and admins holds a permission. */
export function isAdministrators(permission: Permission): boolean {
  const holders = catalogue[permission] ?? [];
  return holders.every((role) => administrators.includes(role));
}

/** Bundles as the permissions they stand for; what is not in the catalogue is left out. */
export function expandScopes(scopes: readonly string[]): readonly Permission[] {
  return permissions.filter((permission) => {
    const resource = permission.slice(0, permission.indexOf(":"));
    return scopes.includes(permission) || scopes.includes(`${resource}:admin`);
  });
}
