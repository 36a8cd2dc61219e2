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

/** The organisations a person is an active user of: whose logs tell what the person does. */
export const listMembershipsSql = systemStatement<{ organisation_id: string }>(
  "audit.list_memberships",
  "select organisation_id from parley_list_memberships($1)",
);

export interface StoredEntry extends AuditRow {
  readonly at: Date;
}

interface EntryRow {
  entry_id: string;
  in_app_id: string | null;
  at: Date;
  actor: string;
  action: string;
  operation: string;
  targets: Record<string, string>;
  request_id: string;
  remote_address: string;
}

export interface EntryFilter {
  readonly first: number;
  /** The bare id of the last entry of the page before. */
  readonly afterUuid: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
  readonly actor: string | null;
  readonly action: string | null;
  readonly appUuid: string | null;
}

const listEntriesSql = organisationStatement<EntryRow>(
  "audit.list_entries",
  `select entry_id, in_app_id, at, actor, action, operation, targets, request_id, remote_address
   from audit_entries where organisation_id = $1 and ($2::uuid is null or entry_id < $2)
     and ($3::timestamptz is null or at >= $3) and ($4::timestamptz is null or at < $4)
     and ($5::text is null or actor = $5) and ($6::text is null or action = $6)
     and ($7::uuid is null or in_app_id = $7)
   order by entry_id desc limit $8`,
);

export async function selectEntries(tx: OrganisationTx, filter: EntryFilter): Promise<StoredEntry[]> {
  const { first, afterUuid, from, until, actor, action, appUuid } = filter;
  const rows = await tx.query(listEntriesSql, [afterUuid, from, until, actor, action, appUuid, first]);
  return rows.map((row) => ({
    ...{ entryUuid: row.entry_id, appUuid: row.in_app_id, at: row.at, actor: row.actor, action: row.action },
    ...{ operation: row.operation, targets: row.targets, requestId: row.request_id, remoteAddress: row.remote_address },
  }));
}
