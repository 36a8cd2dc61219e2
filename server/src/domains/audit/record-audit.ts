// Records what an operation changed, in the transaction of the change: either both are kept or neither.

import { describeActor } from "../../kernel/actor.ts";
import { toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { insertEntry } from "./store.ts";

export interface AuditNote {
  readonly action: string;
  readonly operation: string;
  readonly requestId: string;
  readonly remoteAddress: string;
  /** The ids that were acted on; never a value that could be a person's or a secret. */
  readonly targets: Readonly<Record<string, string>>;
}

/** Writes one entry for the transaction's actor. */
export async function recordAudit(tx: TenantTx, note: AuditNote): Promise<void> {
  const { action, operation, requestId, remoteAddress, targets } = note;
  const actor = describeActor(tx.actor);
  await insertEntry(tx, {
    entryUuid: toUuid(newId("event")),
    actor,
    action,
    operation,
    targets,
    requestId,
    remoteAddress,
  });
}
