// Records what an operation changed, in the transaction of the change: either both are kept or neither. There is one log
// per organisation; what a person does to their own account is in the log of each organisation they belong to.

import { describeActor } from "../../kernel/actor.ts";
import { fromUuid, toUuid, type UserId } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { BatchTx, OrganisationTx, TenantTx } from "../../platform/db/index.ts";
import { insertEntry, listMembershipsSql } from "./store.ts";

export interface AuditNote {
  readonly action: string;
  readonly operation: string;
  readonly requestId: string;
  readonly remoteAddress: string;
  /** The ids that were acted on; never a value that could be a person's or a secret. */
  readonly targets: Readonly<Record<string, string>>;
}

async function insert(tx: OrganisationTx, appUuid: string | null, note: AuditNote): Promise<void> {
  const { action, operation, requestId, remoteAddress, targets } = note;
  const actor = describeActor(tx.actor);
  const entryUuid = toUuid(newId("event"));
  await insertEntry(tx, { entryUuid, appUuid, actor, action, operation, targets, requestId, remoteAddress });
}

/** Writes one entry for the transaction's actor. */
export async function recordAudit(tx: TenantTx | OrganisationTx, note: AuditNote): Promise<void> {
  if ("tenant" in tx) await insert(tx.organisation, toUuid(tx.tenant.appId), note);
  else await insert(tx, null, note);
}

/** Writes an entry in the log of every organisation the person belongs to. */
export async function recordPersonAudit(batch: BatchTx, userId: UserId, note: AuditNote): Promise<void> {
  const places = await batch.lookUp(listMembershipsSql, [toUuid(userId)]);
  const targets = { userId, ...note.targets };
  for (const { organisation_id: uuid } of places) {
    await insert(batch.enterOrganisation(fromUuid("organisation", uuid)), null, { ...note, targets });
  }
}
