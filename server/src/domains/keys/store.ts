// The SQL of keys.

import { fromUuid, type KeyId, toUuid } from "../../kernel/ids.ts";
import {
  appStatement,
  type OrganisationTx,
  organisationStatement,
  systemStatement,
  type TenantTx,
} from "../../platform/db/index.ts";

export type Purpose = "content" | "credentials" | "index";

export interface WrappedOrganisationKey {
  readonly keyId: KeyId;
  readonly providerKey: string;
  readonly wrapped: Buffer;
}

export interface WrappedDataKey {
  readonly keyId: KeyId;
  readonly purpose: Purpose;
  readonly version: number;
  readonly organisationKeyId: KeyId;
  readonly wrapped: Buffer;
  readonly retired: boolean;
}

interface OrganisationKeyRow {
  key_id: string;
  provider_key: string;
  wrapped: Buffer;
}

interface DataKeyRow {
  key_id: string;
  purpose: Purpose;
  version: number;
  organisation_key_id: string;
  wrapped: Buffer;
  retired: boolean;
}

const listOrganisationKeysSql = organisationStatement<OrganisationKeyRow>(
  "keys.list_organisation_keys",
  `select key_id, provider_key, wrapped from organisation_keys where organisation_id = $1 order by created_at, key_id`,
);

/** The organisation's keys, oldest first. */
export async function listOrganisationKeys(tx: OrganisationTx): Promise<WrappedOrganisationKey[]> {
  const rows = await tx.query(listOrganisationKeysSql);
  return rows.map((row) => ({
    keyId: fromUuid("key", row.key_id),
    providerKey: row.provider_key,
    wrapped: row.wrapped,
  }));
}

const insertOrganisationKeySql = organisationStatement<never>(
  "keys.insert_organisation_key",
  `insert into organisation_keys (organisation_id, key_id, provider_key, wrapped) values ($1, $2, $3, $4)`,
);

export async function insertOrganisationKey(tx: OrganisationTx, key: WrappedOrganisationKey): Promise<void> {
  await tx.query(insertOrganisationKeySql, [toUuid(key.keyId), key.providerKey, key.wrapped]);
}

const listDataKeysSql = appStatement<DataKeyRow>(
  "keys.list_data_keys",
  `select key_id, purpose, version, organisation_key_id, wrapped, retired_at is not null as retired
   from data_keys where organisation_id = $1 and app_id = $2 order by purpose, version`,
);

/** The app's data keys, every purpose and version, oldest first. */
export async function listDataKeys(tx: TenantTx): Promise<WrappedDataKey[]> {
  const rows = await tx.query(listDataKeysSql);
  return rows.map((row) => ({
    keyId: fromUuid("key", row.key_id),
    purpose: row.purpose,
    version: row.version,
    organisationKeyId: fromUuid("key", row.organisation_key_id),
    wrapped: row.wrapped,
    retired: row.retired,
  }));
}

const insertDataKeySql = appStatement<never>(
  "keys.insert_data_key",
  `insert into data_keys (organisation_id, app_id, key_id, purpose, version, organisation_key_id, wrapped)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

export async function insertDataKey(tx: TenantTx, key: Omit<WrappedDataKey, "retired">): Promise<void> {
  const values = [toUuid(key.keyId), key.purpose, key.version, toUuid(key.organisationKeyId), key.wrapped];
  await tx.query(insertDataKeySql, values);
}

const retireDataKeySql = appStatement<never>(
  "keys.retire_data_key",
  `update data_keys set retired_at = now() where organisation_id = $1 and app_id = $2 and key_id = $3 and retired_at is null`,
);

/** Marks a key as read-only. It keeps decrypting. */
export async function retireDataKey(tx: TenantTx, keyId: KeyId): Promise<void> {
  await tx.query(retireDataKeySql, [toUuid(keyId)]);
}

const reserveUsesSql = appStatement<{ uses: string; bytes: string }>(
  "keys.reserve_uses",
  `update data_keys set uses = uses + $4, bytes = bytes + $5
   where organisation_id = $1 and app_id = $2 and key_id = $3 and retired_at is null returning uses, bytes`,
);

/** Counts a block of encryptions before they happen. Undefined when the key is retired. */
export async function reserveUses(
  tx: TenantTx,
  keyId: KeyId,
  block: { uses: number; bytes: number },
): Promise<{ uses: number; bytes: number } | undefined> {
  const rows = await tx.query(reserveUsesSql, [toUuid(keyId), block.uses, block.bytes]);
  const row = rows[0];
  return row === undefined ? undefined : { uses: Number(row.uses), bytes: Number(row.bytes) };
}

const insertAccessesSql = appStatement<never>(
  "keys.insert_accesses",
  `insert into key_accesses (organisation_id, app_id, access_id, key_id, actor, reason)
   select $1, $2, a.access_id, a.key_id, $5, $6 from unnest($3::uuid[], $4::uuid[]) as a (access_id, key_id)`,
);

/** Records that keys were unwrapped, by whom and why. */
export async function insertAccesses(
  tx: TenantTx,
  accesses: { accessIds: readonly string[]; keyIds: readonly KeyId[] },
  because: { actor: string; reason: string },
): Promise<void> {
  const values = [accesses.accessIds, accesses.keyIds.map(toUuid), because.actor, because.reason];
  await tx.query(insertAccessesSql, values);
}

/** The provider keys the database was encrypted under, of all tenants. */
export const listProviderKeysSql = systemStatement<{ provider_key: string }>(
  "keys.list_provider_keys",
  "select provider_key from parley_list_provider_keys()",
);
