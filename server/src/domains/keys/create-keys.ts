// Makes the keys of an app: an organisation key if there is none, and a data key for each purpose.

import { toUuid } from "../../kernel/ids.ts";
import { type Place, sealEnvelope } from "../../platform/crypto/envelope.ts";
import { type CryptoKey, toCryptoKey } from "../../platform/crypto/hmac.ts";
import { drawBytes, newId } from "../../platform/crypto/random.ts";
import type { OrganisationTx, TenantTx } from "../../platform/db/index.ts";
import type { KeyProvider } from "./provider.ts";
import {
  insertDataKey,
  insertOrganisationKey,
  listOrganisationKeys,
  type Purpose,
  type WrappedOrganisationKey,
} from "./store.ts";

const purposes: readonly Purpose[] = ["content", "credentials", "index"];
const keyBytes = 32;

/** The place a wrapped organisation key belongs to. */
export function toOrganisationKeyPlace(organisationId: string, keyId: string): Place {
  return { organisation: organisationId, app: "", table: "organisation_keys", column: "wrapped", row: keyId };
}

/** The place a wrapped data key belongs to: its purpose is bound too. */
export function toDataKeyPlace(tx: TenantTx, keyId: string, purpose: Purpose): Place {
  const { organisationId, appId } = tx.tenant;
  const column = `wrapped.${purpose}`;
  return { organisation: toUuid(organisationId), app: toUuid(appId), table: "data_keys", column, row: keyId };
}

/** The organisation's newest key, made if it has none. */
async function ensureOrganisationKey(tx: OrganisationTx, provider: KeyProvider): Promise<WrappedOrganisationKey> {
  const newest = (await listOrganisationKeys(tx)).at(-1);
  if (newest !== undefined) return newest;
  const keyId = newId("key");
  const place = toOrganisationKeyPlace(toUuid(tx.organisationId), toUuid(keyId));
  const wrapped = await provider.wrap(drawBytes(keyBytes), place);
  const made = { keyId, providerKey: provider.currentKey, wrapped };
  await insertOrganisationKey(tx, made);
  return made;
}

/** Makes the next version of one data key, wrapped under `organisationKey`. */
export async function createDataKey(
  tx: TenantTx,
  under: { keyId: WrappedOrganisationKey["keyId"]; key: CryptoKey },
  what: { purpose: Purpose; version: number },
): Promise<void> {
  const keyId = newId("key");
  const place = toDataKeyPlace(tx, toUuid(keyId), what.purpose);
  const wrapped = sealEnvelope(under.key, Buffer.from(toUuid(under.keyId), "hex"), place, drawBytes(keyBytes));
  await insertDataKey(tx, { keyId, ...what, organisationKeyId: under.keyId, wrapped });
}

/** Makes an app's first keys, in the transaction that makes the app. */
export async function createAppKeys(tx: TenantTx, provider: KeyProvider): Promise<void> {
  const wrapped = await ensureOrganisationKey(tx.organisation, provider);
  const place = toOrganisationKeyPlace(toUuid(tx.tenant.organisationId), toUuid(wrapped.keyId));
  const key = toCryptoKey(await provider.unwrap(wrapped.providerKey, wrapped.wrapped, place));
  for (const purpose of purposes) {
    await createDataKey(tx, { keyId: wrapped.keyId, key }, { purpose, version: 1 });
  }
}
