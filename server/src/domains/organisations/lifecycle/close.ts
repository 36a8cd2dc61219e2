// Suspends, deletes and brings back organisations and apps. A suspended one is refused to everybody on the next request;
// a deleted one likewise, for the seven days in which it can be taken back. Every process is told, because messaging
// platforms are let in by what it remembers of channels.

import { AppError } from "../../../kernel/errors.ts";
import type { AppId, UserId } from "../../../kernel/ids.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { toDeletionLetter, toLink } from "../../notices/index.ts";
import type { OrganisationDeps } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { organisationPaths } from "../links.ts";
import { assertSameName } from "../names.ts";
import { openCopy } from "../people/copies.ts";
import { listHolders } from "../people/grant-store.ts";
import { findUser } from "../people/user-store.ts";
import { findApp, readOrganisationName, type StoredApp } from "../place-store.ts";
import type { BuiltInRole } from "../rights/catalogue.ts";
import {
  keepApp,
  keepOrganisation,
  markAppDeleted,
  markOrganisationDeleted,
  notifyApps,
  setAppSuspended,
  setOrganisationSuspended,
} from "./store.ts";

/** How long a deletion can be taken back. */
export const undoDays = 7;

type CloseDeps = Pick<OrganisationDeps, "clock" | "installation" | "publicUrl">;

/** The app, whoever's it is in the transaction's organisation. Throws `organisations.app_not_found`. */
export async function getApp(tx: OrganisationTx, appId: AppId): Promise<StoredApp> {
  const app = await findApp(tx, appId);
  if (app === undefined) throw new AppError(organisationErrors.appNotFound);
  return app;
}

/** Suspends the whole organisation, or ends that. */
export async function suspendOrganisation(tx: OrganisationTx, isSuspended: boolean): Promise<void> {
  await setOrganisationSuspended(tx, isSuspended);
  await notifyApps(tx, undefined);
}

/** Suspends one app, or ends that. */
export async function suspendApp(tx: OrganisationTx, appId: AppId, isSuspended: boolean): Promise<void> {
  await getApp(tx, appId);
  await setAppSuspended(tx, appId, isSuspended);
  await notifyApps(tx, appId);
}

interface Deletion {
  readonly what: "app" | "organisation";
  readonly thingName: string;
  readonly asker: UserId;
  readonly deleteAfter: Date;
  readonly tell: readonly BuiltInRole[];
}

async function tellHolders(deps: CloseDeps, tx: OrganisationTx, deletion: Deletion): Promise<void> {
  const sealer = await deps.installation.sealer();
  const asker = await findUser(tx, deletion.asker);
  const letter = toDeletionLetter({
    what: deletion.what,
    thingName: deletion.thingName,
    personName: asker === undefined ? "" : openCopy(tx.organisationId, asker, sealer).name,
    askedAtMs: deps.clock.nowMs(),
    deletedAtMs: deletion.deleteAfter.getTime(),
    undoLink: toLink(deps.publicUrl, organisationPaths.deletion),
  });
  for (const holder of await listHolders(tx, deletion.tell)) {
    await queueLetter(tx.batch, sealer, { to: openCopy(tx.organisationId, holder, sealer).email, ...letter });
  }
}

export interface DeletionInput {
  readonly asker: UserId;
  /** The name of what is deleted, written by hand. */
  readonly confirmName: string;
}

/** Deletes the organisation in seven days; until then it is closed. Its owners are told. */
export async function deleteOrganisation(deps: CloseDeps, tx: OrganisationTx, input: DeletionInput): Promise<Date> {
  const thingName = await readOrganisationName(tx);
  assertSameName(thingName, input.confirmName);
  const deleteAfter = await markOrganisationDeleted(tx, undoDays);
  if (deleteAfter === undefined) throw new AppError(organisationErrors.deleting);
  await notifyApps(tx, undefined);
  await tellHolders(deps, tx, { what: "organisation", thingName, asker: input.asker, deleteAfter, tell: ["owner"] });
  return deleteAfter;
}

/** Takes the organisation's deletion back. */
export async function restoreOrganisation(tx: OrganisationTx): Promise<void> {
  if (!(await keepOrganisation(tx))) throw new AppError(organisationErrors.notDeleting);
  await notifyApps(tx, undefined);
}

/** Deletes an app in seven days; until then it is closed. Owners and admins are told. */
export async function deleteApp(
  deps: CloseDeps,
  tx: OrganisationTx,
  input: DeletionInput & { readonly appId: AppId },
): Promise<Date> {
  const { appId, asker, confirmName } = input;
  const { name: thingName } = await getApp(tx, appId);
  assertSameName(thingName, confirmName);
  const deleteAfter = await markAppDeleted(tx, appId, undoDays);
  if (deleteAfter === undefined) throw new AppError(organisationErrors.deleting);
  await notifyApps(tx, appId);
  await tellHolders(deps, tx, { what: "app", thingName, asker, deleteAfter, tell: ["owner", "admin"] });
  return deleteAfter;
}

/** Takes an app's deletion back. */
export async function restoreApp(tx: OrganisationTx, appId: AppId): Promise<void> {
  await getApp(tx, appId);
  if (!(await keepApp(tx, appId))) throw new AppError(organisationErrors.notDeleting);
  await notifyApps(tx, appId);
}
