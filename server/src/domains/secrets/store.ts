// The SQL of secrets that work once: calls of reviewed functions, because whoever shows one has not said who they are.

import { systemStatement } from "../../platform/db/index.ts";

export interface SecretRow {
  user_id: string | null;
  organisation_id: string | null;
  payload: Buffer | null;
}

export const keepSecretSql = systemStatement<{ kept: boolean }>(
  "secrets.keep",
  "select kept from parley_keep_secret($1, $2, $3, $4, $5, $6)",
);

export const useSecretSql = systemStatement<SecretRow>(
  "secrets.use",
  "select user_id, organisation_id, payload from parley_use_secret($1, $2)",
);

export const readSecretSql = systemStatement<SecretRow>(
  "secrets.read",
  "select user_id, organisation_id, payload from parley_read_secret($1, $2)",
);

export const trySecretSql = systemStatement<SecretRow>(
  "secrets.try",
  "select user_id, organisation_id, payload from parley_try_secret($1, $2, $3)",
);

export const voidSecretsSql = systemStatement<{ voided: string }>(
  "secrets.void",
  "select voided from parley_void_secrets($1, $2)",
);

export const purgeSecretsSql = systemStatement<{ purged: string }>(
  "secrets.purge",
  "select purged from parley_purge_secrets($1, $2)",
);
