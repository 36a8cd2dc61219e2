// Failures to sign in of known people go into the audit log, after the answer: writing them before would show in its time
// whether there is such an account.

import type { UserId } from "../../../kernel/ids.ts";
import { recordPersonAudit } from "../../audit/index.ts";
import type { IdentityDeps } from "../deps.ts";
import type { SignInMethod } from "../sessions/sessions.ts";
import type { RequestMark } from "../sessions/start-session.ts";

/** Records that signing in as a known person failed, and at which step. */
export function noteFailure(
  deps: Pick<IdentityDeps, "afterwards" | "database">,
  mark: RequestMark,
  failed: { userId: UserId; step: SignInMethod },
): void {
  const { userId, step } = failed;
  const { requestId, operation, origin } = mark;
  const note = { action: "sign_in.failed", operation, requestId, remoteAddress: origin.address, targets: { step } };
  deps.afterwards.run("audit of a failed sign-in", () =>
    deps.database.withBatch({ kind: "anonymous" }, (batch) => recordPersonAudit(batch, userId, note)),
  );
}
