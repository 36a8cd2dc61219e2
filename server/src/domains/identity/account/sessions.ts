// One's own sessions: see them, end one, end the others.

import { AppError } from "../../../kernel/errors.ts";
import type { SessionId } from "../../../kernel/ids.ts";
import type { UserTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { toSessionField } from "../sessions/sessions.ts";
import { endSessions, listSessions, type SessionRow } from "../sessions/store.ts";
import { recordAccount } from "./record-account.ts";

export interface OwnSession extends Omit<SessionRow, "device" | "network"> {
  /** `Firefox on Windows` */
  readonly device: string;
  /** `192.0.2.0/24` */
  readonly network: string;
}

/** The transaction's person's living sessions, last used first. */
export async function listOwnSessions(tx: UserTx, sealer: Sealer): Promise<OwnSession[]> {
  return (await listSessions(tx)).map((row) => {
    const open = (column: "device" | "network"): string =>
      sealer.open(toSessionField(row.sessionId, column), row[column]).toString("utf8");
    return { ...row, device: open("device"), network: open("network") };
  });
}

/** Ends one session of the caller. Throws `identity.unknown_session`. */
export async function endOwnSession(
  deps: Pick<IdentityDeps, "database">,
  caller: AccountCaller,
  input: { sessionId: SessionId },
): Promise<void> {
  const { sessionId } = input;
  await deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    const ended = await endSessions(tx, "ended_by_user", { only: sessionId });
    if (ended.length === 0) throw new AppError(identityErrors.unknownSession);
    await recordAccount(tx, caller, { action: "session.ended", targets: { sessionId } });
  });
}

/** Ends every session of the caller but this one. Returns how many there were. */
export async function endOtherSessions(deps: Pick<IdentityDeps, "database">, caller: AccountCaller): Promise<number> {
  return deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    const ended = await endSessions(tx, "ended_by_user", { except: caller.actor.sessionId });
    await recordAccount(tx, caller, { action: "session.others_ended" });
    return ended.length;
  });
}

/** Ends the caller's own session. */
export async function signOut(deps: Pick<IdentityDeps, "database">, caller: AccountCaller): Promise<void> {
  const { userId, sessionId } = caller.actor;
  await deps.database.withUser(caller.actor, userId, async (tx) => {
    const ended = await endSessions(tx, "signed_out", { only: sessionId });
    if (ended.length > 0) await recordAccount(tx, caller, { action: "session.signed_out", targets: { sessionId } });
  });
}
