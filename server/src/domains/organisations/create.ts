// Makes organisations and apps. An app is born with its keys, in one transaction.

import type { Actor } from "../../kernel/actor.ts";
import type { AppId, OrganisationId, Tenant } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Database } from "../../platform/db/index.ts";
import { createAppKeys, type KeyProvider } from "../keys/index.ts";
import { insertApp, insertOrganisation } from "./store.ts";

/** Makes an empty organisation. */
export async function createOrganisation(database: Database, actor: Actor, name: string): Promise<OrganisationId> {
  const organisationId = newId("organisation");
  await database.withOrganisation(actor, organisationId, (tx) => insertOrganisation(tx, name));
  return organisationId;
}

export interface CreateAppOptions {
  readonly database: Database;
  readonly provider: KeyProvider;
  readonly actor: Actor;
}

/** Makes an app and its data keys. */
export async function createApp(
  options: CreateAppOptions,
  organisationId: OrganisationId,
  name: string,
): Promise<Tenant> {
  const appId: AppId = newId("app");
  const tenant = { organisationId, appId };
  await options.database.withTenant(options.actor, tenant, async (tx) => {
    await insertApp(tx.organisation, appId, name);
    await createAppKeys(tx, options.provider);
  });
  return tenant;
}
