// The SQL of audit entries.

import { type OrganisationTx, organisationStatement, systemStatement } from "../../platform/db/index.ts";

export interface AuditRow {
  readonly entryUuid: string;
  /** The bare id of the app it happened in; null for the organisation itself. */
  readonly appUuid: string | null;
  readonly actor: string;
  readonly action: string;
  readonly operation: string;
  readonly targets: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly remoteAddress: string;
}

const insertEntrySql = organisationStatement<never>(
  "audit.insert_entry",
  `insert into audit_entries (organisation_id, entry_id, in_app_id, actor, action, operation, targets, request_id, remote_address)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

export async function insertEntry(tx: OrganisationTx, row: AuditRow): Promise<void> {
  const { entryUuid, appUuid, actor, action, operation, targets, requestId, remoteAddress } = row;
  const values = [entryUuid, appUuid, actor, action, operation, JSON.stringify(targets), requestId, remoteAddress];
  await tx.query(insertEntrySql, values);
}

/** The organisations a person belongs to. */
export const listMembershipsSql = systemStatement<{ organisation_id: string }>(
  "audit.list_memberships",
  "select organisation_id from parley_list_memberships($1)",
);
