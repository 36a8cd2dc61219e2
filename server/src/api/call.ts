// One call of an operation, past all guards that need no database.

import type { Keychain } from "../domains/keys/index.ts";
import type { TokenActor } from "../kernel/actor.ts";
import type { Tenant } from "../kernel/ids.ts";
import type { Operation, Reply } from "../kernel/operation.ts";
import type { Database, TenantTx } from "../platform/db/index.ts";
import type { HttpLog } from "../platform/http/index.ts";

export interface Call {
  readonly operation: Operation;
  readonly actor: TokenActor;
  readonly input: object;
  readonly requestId: string;
  readonly remoteAddress: string;
}

/** What the registry records of a change, in the transaction of the change. */
export interface AuditEntry {
  /** The operation's audit action, `channel.created`. */
  readonly action: string;
  readonly operation: string;
  readonly requestId: string;
  readonly remoteAddress: string;
  /** The fields of the path: which things were acted on. */
  readonly targets: Readonly<Record<string, string>>;
  /** What the operation answered; unknown when it answers after the commit. */
  readonly view: unknown;
}

export type RecordAudit = (tx: TenantTx, entry: AuditEntry) => Promise<void>;

/** What carrying out a call needs. */
export interface Means {
  readonly database: Pick<Database, "withTenant">;
  readonly keychain: Pick<Keychain, "sealerFor">;
  readonly recordAudit?: RecordAudit | undefined;
  readonly log: HttpLog;
}

/** The tenant of a call is its token's, never one that the request names. */
export function tenantOf(call: Call): Tenant {
  return { organisationId: call.actor.organisationId, appId: call.actor.appId };
}

export interface Answer extends Reply<unknown> {
  /** True when it was kept from an earlier request with the same Idempotency-Key. */
  readonly isReplayed?: boolean;
}
