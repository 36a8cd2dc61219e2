// Makes organisations and apps. An app is born with its keys, in one transaction.

import type { Actor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { AppId, OrganisationId, Tenant } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { BatchTx, Database, OrganisationTx } from "../../platform/db/index.ts";
import { createAppKeys, type KeyProvider, type Sealer } from "../keys/index.ts";
import { organisationErrors } from "./errors.ts";
import { toPlaceName } from "./names.ts";
import { addUser, type PersonalData } from "./people/copies.ts";
import { lockRights, replaceGrants } from "./people/grant-store.ts";
import { listApps } from "./place-store.ts";
import { insertApp, insertOrganisation } from "./store.ts";

/** Apps of one organisation; lists of them are never cut. */
export const appsMax = 500;

/** Makes an empty organisation. */
export async function createOrganisation(database: Database, actor: Actor, name: string): Promise<OrganisationId> {
  const organisationId = newId("organisation");
  await database.withOrganisation(actor, organisationId, (tx) => insertOrganisation(tx, name));
  return organisationId;
}

/** Makes an organisation that a person owns. */
export async function foundOrganisation(
  batch: BatchTx,
  founding: { readonly name: string; readonly owner: PersonalData },
  sealer: Sealer,
): Promise<OrganisationTx> {
  const tx = batch.enterOrganisation(newId("organisation"));
  await insertOrganisation(tx, toPlaceName(founding.name));
  await addUser(tx, founding.owner, sealer);
  const owner = { appId: undefined, role: { builtIn: "owner" }, channelIds: undefined } as const;
  await replaceGrants(tx, founding.owner.userId, [owner]);
  return tx;
}

/** Makes an app with its keys in an organisation. Throws `organisations.too_many`. */
export async function addApp(tx: OrganisationTx, provider: KeyProvider, name: string): Promise<AppId> {
  const shown = toPlaceName(name);
  await lockRights(tx);
  if ((await listApps(tx)).length >= appsMax) throw new AppError(organisationErrors.tooMany);
  const appId: AppId = newId("app");
  const inApp = tx.batch.enter({ organisationId: tx.organisationId, appId });
  await insertApp(inApp.organisation, appId, shown);
  await createAppKeys(inApp, provider);
  return appId;
}

export interface CreateAppOptions {
  readonly database: Database;
  readonly provider: KeyProvider;
  readonly actor: Actor;
}

/** Makes an app and its data keys, in a transaction of its own. */
export async function createApp(
  options: CreateAppOptions,
  organisationId: OrganisationId,
  name: string,
): Promise<Tenant> {
  const { database, actor, provider } = options;
  const appId = await database.withOrganisation(actor, organisationId, (tx) => addApp(tx, provider, name));
  return { organisationId, appId };
}
