// The SQL of audit entries.

import { appStatement, type TenantTx } from "../../platform/db/index.ts";

export interface AuditRow {
  readonly entryUuid: string;
  readonly actor: string;
  readonly action: string;
  readonly operation: string;
  readonly targets: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly remoteAddress: string;
}

const insertEntrySql = appStatement<never>(
  "audit.insert_entry",
  `insert into audit_entries (organisation_id, app_id, entry_id, actor, action, operation, targets, request_id, remote_address)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

export async function insertEntry(tx: TenantTx, row: AuditRow): Promise<void> {
  const { entryUuid, actor, action, operation, targets, requestId, remoteAddress } = row;
  const values = [entryUuid, actor, action, operation, JSON.stringify(targets), requestId, remoteAddress];
  await tx.query(insertEntrySql, values);
}
