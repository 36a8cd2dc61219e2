// Makes, changes and removes custom roles. A role is a way to give rights, so whoever writes one needs all that is in it:
// before the change and after.

import type { Caller, Permission } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { RoleId } from "../../../kernel/ids.ts";
import { newId } from "../../../platform/crypto/random.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { organisationErrors } from "../errors.ts";
import { nameBounds, toPlaceName } from "../names.ts";
import { assertMayGive, type Changer, lockAs } from "../people/change-rights.ts";
import { permissions as allPermissions } from "../rights/catalogue.ts";
import { deleteRole, findRole, insertRole, isRoleUsed, listRoles, type StoredRole, updateRole } from "./store.ts";

/** Custom roles of one organisation; lists of them are never cut. */
export const rolesMax = 200;

export interface RoleInput {
  readonly name: string;
  readonly permissions: readonly string[];
}

/** The role's permissions in the catalogue's order. Throws `organisations.unknown_permission` naming each that is not in it. */
function readPermissions(given: readonly string[]): Permission[] {
  const mistakes = given
    .map((permission, index) => ({ permission, path: `permissions[${index}]`, message: "is not a permission" }))
    .filter(({ permission }) => !allPermissions.some((known) => known === permission));
  if (mistakes.length > 0) throw new AppError(organisationErrors.unknownPermission, { mistakes });
  return allPermissions.filter((permission) => given.includes(permission));
}

/** SECURITY: nobody puts into a role, or takes out of it, what they do not hold in the whole organisation. */
function assertMayWrite(changer: Changer, roleId: RoleId, permissions: readonly string[]): void {
  assertMayGive(changer, [{ appId: undefined, role: { roleId, permissions }, channelIds: undefined }]);
}

async function assertFreeName(tx: OrganisationTx, name: string, except?: RoleId): Promise<readonly StoredRole[]> {
  const roles = await listRoles(tx);
  if (roles.some((role) => role.name === name && role.roleId !== except)) {
    throw new AppError(organisationErrors.roleExists);
  }
  return roles;
}

/** Makes a custom role. */
export async function createRole(tx: OrganisationTx, actor: Caller, input: RoleInput): Promise<RoleId> {
  const name = toPlaceName(input.name, "name", nameBounds.role);
  const permissions = readPermissions(input.permissions);
  const changer = await lockAs(tx, actor, "role:write");
  const roleId = newId("role");
  assertMayWrite(changer, roleId, permissions);
  if ((await assertFreeName(tx, name)).length >= rolesMax) throw new AppError(organisationErrors.tooMany);
  await insertRole(tx, { roleId, name, permissions });
  return roleId;
}

async function getRole(tx: OrganisationTx, changer: Changer, roleId: RoleId): Promise<StoredRole> {
  const role = await findRole(tx, roleId);
  if (role === undefined) throw new AppError(organisationErrors.roleNotFound);
  assertMayWrite(changer, roleId, role.permissions);
  return role;
}

/** Changes what a role is called and made of; whoever holds it has that from the next request on. */
export async function changeRole(
  tx: OrganisationTx,
  actor: Caller,
  change: {
    readonly roleId: RoleId;
    readonly name?: string | undefined;
    readonly permissions?: readonly string[] | undefined;
  },
): Promise<void> {
  const { roleId } = change;
  const changer = await lockAs(tx, actor, "role:write");
  const role = await getRole(tx, changer, roleId);
  const name = change.name === undefined ? role.name : toPlaceName(change.name, "name", nameBounds.role);
  const permissions = change.permissions === undefined ? role.permissions : readPermissions(change.permissions);
  assertMayWrite(changer, roleId, permissions);
  await assertFreeName(tx, name, roleId);
  await updateRole(tx, { roleId, name, permissions });
}

/** Removes a role that nobody holds or is invited to. */
export async function removeRole(tx: OrganisationTx, actor: Caller, roleId: RoleId): Promise<void> {
  const changer = await lockAs(tx, actor, "role:write");
  await getRole(tx, changer, roleId);
  if (await isRoleUsed(tx, roleId)) throw new AppError(organisationErrors.roleInUse);
  await deleteRole(tx, roleId);
}
