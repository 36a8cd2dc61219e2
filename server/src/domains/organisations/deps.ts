// What the flows of organisations take from the rest of the product.

import type { Clock } from "../../kernel/clock.ts";
import type { Origin } from "../../kernel/operation.ts";
import type { Database } from "../../platform/db/index.ts";
import type { AuditNote } from "../audit/index.ts";
import type { InstallationKeys, KeyProvider } from "../keys/index.ts";

export interface OrganisationDeps {
  readonly database: Pick<Database, "withBatch" | "lookUp">;
  readonly installation: Pick<InstallationKeys, "sealer">;
  /** Wraps the keys of apps that are made. */
  readonly provider: KeyProvider;
  readonly clock: Clock;
  /** PARLEY_PUBLIC_URL: the beginning of every link in a letter. */
  readonly publicUrl: string;
  /** identity's `PasswordJudge`. */
  readonly judge: {
    assertAcceptable(
      password: string,
      options: { readonly hasSecondFactor: boolean; readonly contextWords: readonly string[] },
    ): Promise<void>;
  };
  /** identity's `PasswordHasher`. */
  readonly hasher: { hash(password: string): Promise<string> };
}

/** Which request did it: for the audit log, and for the session that begins with it. */
export interface Mark {
  readonly requestId: string;
  readonly origin: Origin;
  /** The operation's or page's name. */
  readonly operation: string;
}

/** An audit entry of a flow that writes its own. */
export function toNote(mark: Mark, action: string, targets: Readonly<Record<string, string>>): AuditNote {
  return { action, operation: mark.operation, requestId: mark.requestId, remoteAddress: mark.origin.address, targets };
}
