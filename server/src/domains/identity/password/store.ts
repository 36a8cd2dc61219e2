import { toUuid, type UserId } from "../../../kernel/ids.ts";
import { systemStatement } from "../../../platform/db/index.ts";
import type { SecretPurpose, SecretReader } from "../../secrets/index.ts";

const countSecretsSql = systemStatement<{ made: string }>(
  "identity.count_secrets",
  "select made from parley_count_secrets($1, $2, $3)",
);

/** How many secrets of a purpose a person was given within the last hour. */
export async function countLately(reader: SecretReader, purpose: SecretPurpose, userId: UserId): Promise<number> {
  return Number((await reader.lookUp(countSecretsSql, [purpose, toUuid(userId), 3600]))[0]?.made ?? 0);
}
