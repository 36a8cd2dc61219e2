// One call of an operation, past all guards that need no database.

import type { ServerResponse } from "node:http";
import type { Keychain } from "../domains/keys/index.ts";
import type { Caller } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { OrganisationId, Tenant, UserId } from "../kernel/ids.ts";
import type { FileBody, Operation, Origin, Reply } from "../kernel/operation.ts";
import type { Database, OrganisationTx, TenantTx, UserTx } from "../platform/db/index.ts";
import type { HttpLog } from "../platform/http/index.ts";
import type { Condition } from "./concurrency/entity-tag.ts";
import type { CookiePolicy } from "./cookies.ts";
import { apiErrors } from "./errors.ts";

export interface Call {
  readonly operation: Operation;
  readonly actor: Caller;
  readonly input: object;
  readonly requestId: string;
  readonly origin: Origin;
  /** The body of an operation that takes bytes. */
  readonly bytes?: Buffer | undefined;
  /** What a change is conditional on. */
  readonly condition?: Condition | undefined;
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

export type RecordAudit = (tx: TenantTx | OrganisationTx | UserTx, entry: AuditEntry) => Promise<void>;

/** What carrying out a call needs. */
export interface Means {
  readonly database: Pick<Database, "withTenant" | "withOrganisation" | "withUser">;
  readonly keychain: Pick<Keychain, "sealerFor">;
  readonly recordAudit?: RecordAudit | undefined;
  readonly log: HttpLog;
  readonly cookiePolicy?: CookiePolicy | undefined;
}

/** SECURITY: where a call stands was decided by the guards; a call without it goes nowhere. */
function assertPlaced<T>(value: T | undefined): T {
  if (value === undefined) throw new AppError(apiErrors.forbidden, { note: "a caller without a place" });
  return value;
}

export function organisationOf({ actor }: Call): OrganisationId {
  return assertPlaced(actor.kind === "anonymous" ? undefined : actor.organisationId);
}

/** The tenant of a call: its token's own, or the app whose part the person was shown to be. */
export function tenantOf(call: Call): Tenant {
  const appId = assertPlaced(call.actor.kind === "anonymous" ? undefined : call.actor.appId);
  return { organisationId: organisationOf(call), appId };
}

export function userOf({ actor }: Call): UserId {
  return assertPlaced(actor.kind === "user" ? actor.userId : undefined);
}

export interface Answer extends Reply<unknown> {
  /** True when it was kept from an earlier request with the same Idempotency-Key. */
  readonly isReplayed?: boolean;
  /** Further headers: cookies of a session that begins or ends. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Takes the response over once its head was written. */
  readonly attach?: (response: ServerResponse) => void;
  /** The answer is this file. */
  readonly file?: FileBody;
}
