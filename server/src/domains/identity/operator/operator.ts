// What an operator of the installation can do for a person who is locked out: a reset link to hand over, factors taken
// away, sessions ended. Each is in the audit log of the person's organisations, and the person is told by letter.

import type { Actor } from "../../../kernel/actor.ts";
import type { SessionId, UserId } from "../../../kernel/ids.ts";
import type { Database, UserTx } from "../../../platform/db/index.ts";
import { recordPersonAudit } from "../../audit/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { type FactorChange, toFactorChangedLetter, toLink } from "../../notices/index.ts";
import { secretSeconds, voidSecrets } from "../../secrets/index.ts";
import { clearFactorFailures, deletePasskeys, deleteRecoveryCodes, deleteTotp } from "../account/factor-store.ts";
import { drawResetLink } from "../password/reset-password.ts";
import { forgetDevices } from "../sessions/device-store.ts";
import type { SessionDeps } from "../sessions/start-session.ts";
import { endSessions } from "../sessions/store.ts";
import { holdUser } from "../users/store.ts";
import { readUser } from "../users/users.ts";

export interface OperatorDeps extends Pick<SessionDeps, "clock" | "publicUrl"> {
  readonly database: Pick<Database, "withUser" | "withBatch">;
  readonly sealer: Sealer;
  /** Who acts: `{ kind: "operator", command: "admin reset-factors" }`. */
  readonly actor: Actor;
}

function record(deps: OperatorDeps, tx: UserTx, action: string): Promise<void> {
  const operation = deps.actor.kind === "operator" ? `parley ${deps.actor.command}` : deps.actor.kind;
  const where = { requestId: "command line", remoteAddress: "this machine" };
  return recordPersonAudit(tx.batch, tx.userId, { action, operation, ...where, targets: {} });
}

/** Makes a link that resets the person's password once, within half an hour. Earlier links die. */
export async function createResetLink(
  deps: OperatorDeps,
  userId: UserId,
): Promise<{ link: string; expiresAtMs: number }> {
  const link = await deps.database.withUser(deps.actor, userId, async (tx) => {
    await readUser(tx, deps.sealer);
    await record(deps, tx, "password.reset_link_made");
    return drawResetLink(deps, tx.batch, { userId, sealer: deps.sealer });
  });
  return { link: link.toString(), expiresAtMs: deps.clock.nowMs() + secretSeconds.reset * 1000 };
}

export interface RemovedFactors {
  readonly passkeys: number;
  readonly hadTotp: boolean;
  readonly sessionsEnded: number;
}

/**
 * Takes every second factor and recovery code of a person away and ends their sessions. The password stays: whoever asked
 * for this still has to know it.
 */
export async function resetFactors(deps: OperatorDeps, userId: UserId): Promise<RemovedFactors> {
  const { sealer } = deps;
  return deps.database.withUser(deps.actor, userId, async (tx) => {
    await holdUser(tx);
    const { email } = await readUser(tx, sealer);
    const passkeys = (await deletePasskeys(tx)).length;
    const hadTotp = await deleteTotp(tx);
    await deleteRecoveryCodes(tx);
    await clearFactorFailures(tx);
    await forgetDevices(tx);
    const ended = await endSessions(tx, "factors_reset");
    await voidSecrets(tx.batch, "sign_in", userId);
    const occasion = { atMs: deps.clock.nowMs(), device: "An operator of this Parley", network: "the server" };
    const securityLink = toLink(deps.publicUrl, "/account");
    for (const factor of [...(passkeys > 0 ? ["passkey" as const] : []), ...(hadTotp ? ["totp" as const] : [])]) {
      const change: FactorChange = { kind: "removed", factor };
      await queueLetter(tx.batch, sealer, { to: email, ...toFactorChangedLetter({ change, occasion, securityLink }) });
    }
    await record(deps, tx, "factors.reset");
    return { passkeys, hadTotp, sessionsEnded: ended.length };
  });
}

/** Ends every session of a person; their next requests are refused. */
export async function endAllSessions(deps: OperatorDeps, userId: UserId): Promise<readonly SessionId[]> {
  return deps.database.withUser(deps.actor, userId, async (tx) => {
    await readUser(tx, deps.sealer);
    const ended = await endSessions(tx, "ended_by_operator");
    await voidSecrets(tx.batch, "sign_in", userId);
    await record(deps, tx, "session.all_ended");
    return ended;
  });
}
