// Reads an organisation's log, newest first, a page at a time.

import { type AppId, type EventId, fromUuid, toUuid } from "../../kernel/ids.ts";
import type { OrganisationTx } from "../../platform/db/index.ts";
import { selectEntries } from "./store.ts";

export interface AuditFilter {
  /** Entries of a page. */
  readonly first: number;
  /** The last entry of the page before. */
  readonly after?: EventId | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly until?: Date | undefined;
  /** As it is written in entries: `user:usr_...`. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly appId?: AppId | undefined;
}

export interface AuditEntryRead {
  readonly entryId: EventId;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly operation: string;
  readonly appId: AppId | undefined;
  readonly targets: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly remoteAddress: string;
}

/** A page of the log of the transaction's organisation. Filters add up. */
export async function listAudit(tx: OrganisationTx, filter: AuditFilter): Promise<AuditEntryRead[]> {
  const { first, after, from, until, actor, action, appId } = filter;
  const entries = await selectEntries(tx, {
    first,
    afterUuid: after === undefined ? null : toUuid(after),
    from: from ?? null,
    until: until ?? null,
    actor: actor ?? null,
    action: action ?? null,
    appUuid: appId === undefined ? null : toUuid(appId),
  });
  return entries.map(({ entryUuid, appUuid, ...entry }) => ({
    ...entry,
    entryId: fromUuid("event", entryUuid),
    appId: appUuid === null ? undefined : fromUuid("app", appUuid),
  }));
}
