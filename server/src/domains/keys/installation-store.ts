// The SQL of the installation's own keys: calls of reviewed functions, because they belong to no tenant.

import { fromUuid, type KeyId } from "../../kernel/ids.ts";
import { systemStatement } from "../../platform/db/index.ts";

export interface WrappedInstallationKey {
  readonly keyId: KeyId;
  readonly purpose: "content" | "index";
  readonly providerKey: string;
  readonly wrapped: Buffer;
}

interface InstallationKeyRow {
  key_id: string;
  purpose: "content" | "index";
  provider_key: string;
  wrapped: Buffer;
}

export const listInstallationKeysSql = systemStatement<InstallationKeyRow>(
  "keys.list_installation_keys",
  "select key_id, purpose, provider_key, wrapped from parley_list_installation_keys()",
);

export const keepInstallationKeysSql = systemStatement<{ kept: boolean }>(
  "keys.keep_installation_keys",
  "select kept from parley_keep_installation_keys($1, $2, $3, $4, $5)",
);

export const reserveInstallationUsesSql = systemStatement<{ uses: string }>(
  "keys.reserve_installation_uses",
  "select uses from parley_reserve_installation_uses($1, $2)",
);

/** A row as the product names it. */
export function toInstallationKey(row: InstallationKeyRow): WrappedInstallationKey {
  const { purpose, provider_key: providerKey, wrapped } = row;
  return { keyId: fromUuid("key", row.key_id), purpose, providerKey, wrapped };
}
