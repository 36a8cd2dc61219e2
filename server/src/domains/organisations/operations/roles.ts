// Roles over the API: the built-in ones, custom ones, and the catalogue of permissions both are made of.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { nameBounds } from "../names.ts";
import { builtInRoles, catalogue, listRolePermissions, permissions } from "../rights/catalogue.ts";
import { changeRole, createRole, removeRole, rolesMax } from "../roles/change-role.ts";
import { listRoles } from "../roles/store.ts";

const path = "/api/v1/roles";
const params = z.strictObject({ roleId: idOf("role") });
const nothing = z.object({});
const nameField = z.string().min(1).max(nameBounds.role);
const permissionField = z.string().min(3).max(60);
const permissionsField = z.array(permissionField).min(1).max(permissions.length);
const permissionsView = z.array(permissionField).max(permissions.length);

const listOperation: Operation = operation({
  name: "roles.list",
  summary: "The built-in roles with what they may do, and the organisation's own.",
  method: "GET",
  path,
  output: z.object({
    builtIn: z.array(z.object({ role: z.enum(builtInRoles), permissions: permissionsView })).max(builtInRoles.length),
    custom: z
      .array(
        z.object({ roleId: idOf("role"), name: nameField, permissions: permissionsView, createdAt: z.iso.datetime() }),
      )
      .max(rolesMax),
  }),
  scope: "organisation",
  permission: "role:read",
  audit: { none: "reading settings that hold no secret" },
  rate: "read",
  stepUp: false,
  async run({ tx }) {
    const builtIn = builtInRoles.map((role) => ({ role, permissions: [...listRolePermissions(role)] }));
    const custom = (await listRoles(tx)).map(({ roleId, name, createdAt, ...role }) => ({
      ...{ roleId, name, createdAt: createdAt.toISOString() },
      permissions: [...role.permissions],
    }));
    return { builtIn, custom };
  },
});

const catalogueOperation: Operation = operation({
  name: "permissions.list",
  summary: "Every permission there is, and the built-in roles that hold it.",
  method: "GET",
  path: "/api/v1/permissions",
  output: z.object({
    items: z
      .array(z.object({ permission: permissionField, roles: z.array(z.enum(builtInRoles)).max(builtInRoles.length) }))
      .max(permissions.length),
  }),
  scope: "organisation",
  permission: "role:read",
  audit: { none: "the same for everybody, and in the documentation" },
  rate: "read",
  stepUp: false,
  async run() {
    const items = permissions.map((permission) => ({ permission, roles: [...(catalogue[permission] ?? [])] }));
    return { items };
  },
});

const createOperation: Operation = operation({
  name: "roles.create",
  summary: "Makes a role of permissions that the person holds in the whole organisation.",
  method: "POST",
  path,
  body: z.strictObject({ name: nameField, permissions: permissionsField }),
  output: z.object({ roleId: idOf("role") }),
  successStatus: 201,
  scope: "organisation",
  permission: "role:write",
  audit: "role.created",
  rate: "write",
  stepUp: true,
  async run({ tx, actor, input }) {
    return { roleId: await createRole(tx, actor, input) };
  },
});

const updateOperation: Operation = operation({
  name: "roles.update",
  summary: "Changes a role. Whoever holds it has the change from the next request on.",
  method: "PATCH",
  path: `${path}/{roleId}`,
  params,
  body: z.strictObject({ name: nameField.optional(), permissions: permissionsField.optional() }),
  output: nothing,
  scope: "organisation",
  permission: "role:write",
  audit: "role.updated",
  rate: "write",
  stepUp: true,
  async run({ tx, actor, input }) {
    await changeRole(tx, actor, input);
    return {};
  },
});

const deleteOperation: Operation = operation({
  name: "roles.delete",
  summary: "Removes a role that nobody holds.",
  method: "DELETE",
  path: `${path}/{roleId}`,
  params,
  output: nothing,
  scope: "organisation",
  permission: "role:write",
  audit: "role.deleted",
  rate: "write",
  stepUp: true,
  async run({ tx, actor, input }) {
    await removeRole(tx, actor, input.roleId);
    return {};
  },
});

/** The operations on roles. */
export const roleOperations: readonly Operation[] = [
  listOperation,
  catalogueOperation,
  createOperation,
  updateOperation,
  deleteOperation,
];
