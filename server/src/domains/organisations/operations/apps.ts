// The apps of an organisation over the API.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { addApp, appsMax } from "../create.ts";
import type { OrganisationDeps } from "../deps.ts";
import { deleteApp, getApp, restoreApp, suspendApp } from "../lifecycle/close.ts";
import { renameApp } from "../lifecycle/store.ts";
import { nameBounds, toPlaceName } from "../names.ts";
import { toPerson } from "../people/change-rights.ts";
import { listApps, type StoredApp } from "../place-store.ts";
import { listVisibleApps } from "../places.ts";
import { findStanding } from "../rights/store.ts";
import { nameField } from "./organisations.ts";

const path = "/api/v1/apps";
const params = z.strictObject({ appId: idOf("app") });
const nothing = z.object({});

const AppView = z.object({
  appId: idOf("app"),
  name: nameField,
  createdAt: z.iso.datetime(),
  suspendedAt: z.iso.datetime().optional(),
  /** When it will be deleted for good. */
  deleteAfter: z.iso.datetime().optional(),
});

function toView({ appId, name, createdAt, suspendedAt, deleteAfter }: StoredApp): z.infer<typeof AppView> {
  return {
    ...{ appId, name, createdAt: createdAt.toISOString() },
    ...(suspendedAt === undefined ? {} : { suspendedAt: suspendedAt.toISOString() }),
    ...(deleteAfter === undefined ? {} : { deleteAfter: deleteAfter.toISOString() }),
  };
}

function createOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "apps.create",
    summary: "Makes an app, with its own keys.",
    method: "POST",
    path,
    body: z.strictObject({ name: nameField }),
    output: z.object({ appId: idOf("app") }),
    successStatus: 201,
    scope: "organisation",
    permission: "app:create",
    audit: "app.created",
    rate: "write",
    stepUp: false,
    async run({ tx, input }) {
      return { appId: await addApp(tx, deps.provider, input.name) };
    },
  });
}

const listOperation: Operation = operation({
  name: "apps.list",
  summary: "The apps in which the person has a part.",
  method: "GET",
  path,
  output: z.object({ items: z.array(AppView).max(appsMax) }),
  scope: "organisation",
  permission: { none: "lists only the apps in which the person holds a grant" },
  audit: { none: "a list of names that holds no secret" },
  rate: "read",
  stepUp: false,
  async run({ tx, actor }) {
    // SECURITY: whoever has a part in one app does not learn of the others.
    const standing = await findStanding(tx, toPerson(actor));
    return { items: listVisibleApps(await listApps(tx), standing?.grants ?? []).map(toView) };
  },
});

const renameOperation: Operation = operation({
  name: "apps.rename",
  summary: "Gives an app another name.",
  method: "PATCH",
  path: `${path}/{appId}`,
  params,
  body: z.strictObject({ name: nameField }),
  output: nothing,
  scope: "organisation",
  permission: "app:update",
  audit: "app.renamed",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    const name = toPlaceName(input.name);
    await getApp(tx, input.appId);
    await renameApp(tx, input.appId, name);
    return {};
  },
});

function createSuspendOperation(isSuspended: boolean): Operation {
  return operation({
    name: isSuspended ? "apps.suspend" : "apps.resume",
    summary: isSuspended
      ? "Suspends an app: it refuses everybody and takes no messages in."
      : "Ends an app's suspension.",
    method: "POST",
    path: isSuspended ? `${path}/{appId}/suspend` : `${path}/{appId}/resume`,
    params,
    output: nothing,
    scope: "organisation",
    permission: "app:suspend",
    audit: isSuspended ? "app.suspended" : "app.resumed",
    rate: "write",
    stepUp: false,
    async run({ tx, input }) {
      await suspendApp(tx, input.appId, isSuspended);
      return {};
    },
  });
}

function createDeleteOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "apps.delete",
    summary: "Deletes an app with everything in it in seven days. Until then it is closed and can be kept.",
    method: "POST",
    path: `${path}/{appId}/delete`,
    params,
    body: z.strictObject({ confirmName: z.string().max(nameBounds.place) }),
    output: z.object({ deleteAfter: z.iso.datetime() }),
    scope: "organisation",
    permission: "app:delete",
    audit: "app.deletion_begun",
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input }) {
      const deletion = { ...input, asker: toPerson(actor) };
      return { deleteAfter: (await deleteApp(deps, tx, deletion)).toISOString() };
    },
  });
}

const restoreOperation: Operation = operation({
  name: "apps.restore",
  summary: "Takes an app's deletion back, within the seven days.",
  method: "POST",
  path: `${path}/{appId}/restore`,
  params,
  output: nothing,
  scope: "organisation",
  permission: "app:delete",
  audit: "app.deletion_undone",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    await restoreApp(tx, input.appId);
    return {};
  },
});

/** The operations on apps. */
export function createAppOperations(deps: OrganisationDeps): readonly Operation[] {
  return [
    createOperation(deps),
    listOperation,
    renameOperation,
    createSuspendOperation(true),
    createSuspendOperation(false),
    createDeleteOperation(deps),
    restoreOperation,
  ];
}
