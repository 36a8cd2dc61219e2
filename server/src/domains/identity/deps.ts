// What the flows of identity take from the rest of the product. Organisations implements what belongs to them; identity
// knows of them by these functions only.

import type { UserActor } from "../../kernel/actor.ts";
import type { SessionId, UserId } from "../../kernel/ids.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { BatchTx, Database } from "../../platform/db/index.ts";
import type { InstallationKeys } from "../keys/index.ts";
import type { Afterwards } from "./afterwards.ts";
import type { PasskeySite } from "./factors/passkey.ts";
import type { PasswordJudge } from "./passwords/judge-password.ts";
import type { PasswordHasher } from "./passwords/password-hasher.ts";
import type { Place } from "./places.ts";
import type { RequestMark, SessionDeps } from "./sessions/start-session.ts";
import type { SignInThrottle } from "./throttling/sign-in-throttle.ts";
import type { Email } from "./users/email.ts";

/** What a person's organisations ask for together. */
export interface FactorDemand {
  readonly policy: "optional" | "required" | "phishing_resistant";
}

/** What signing in and resetting a password need. */
export interface IdentityDeps extends SessionDeps {
  readonly database: Pick<Database, "withUser" | "withBatch" | "lookUp">;
  readonly installation: Pick<InstallationKeys, "sealer">;
  /** Keys the hashes of recovery codes. */
  readonly pepper: Secret<Buffer>;
  readonly hasher: PasswordHasher;
  readonly judge: PasswordJudge;
  readonly throttle: SignInThrottle;
  readonly site: PasskeySite;
  readonly afterwards: Afterwards;
  /** The names of a person's organisations and apps: what is too obvious for their password. */
  contextWordsFor(batch: BatchTx, userId: UserId): Promise<readonly string[]>;
  /** Which factors the person's organisations ask for: the strictest of them. */
  factorsRequired(batch: BatchTx, userId: UserId): Promise<FactorDemand>;
  /** Brings the copies of address and name in the person's organisations up to date, in the same transaction. */
  profileChanged(batch: BatchTx, userId: UserId, profile: { email: Email; name: string }): Promise<void>;
}

/** What the operations need beyond the flows. */
export interface IdentityOperationDeps extends IdentityDeps {
  placesFor(batch: BatchTx, userId: UserId): Promise<readonly Place[]>;
  /** The token that every changing request of a session carries. */
  issueForgeryToken(sessionId: SessionId): string;
}

/** A signed-in person at their own account. */
export interface AccountCaller extends RequestMark {
  readonly actor: UserActor;
}
