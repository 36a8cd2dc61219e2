import type { UserActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { UserTx } from "../../../platform/db/index.ts";
import { identityErrors } from "../errors.ts";
import { stepUpSecondsMax } from "../sessions/sessions.ts";
import { isRecoverySession } from "./session-store.ts";

/**
 * Throws `identity.step_up_needed` unless the person confirmed within ten minutes who they are. A sign-in with password
 * and recovery code within that time counts here too: it is for adding the factor that was lost (decision 0010).
 */
export async function assertFresh(tx: UserTx, actor: UserActor): Promise<void> {
  if (actor.isSteppedUp || (await isRecoverySession(tx, actor.sessionId, stepUpSecondsMax))) return;
  throw new AppError(identityErrors.stepUpNeeded);
}
