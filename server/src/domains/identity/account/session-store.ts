// The SQL of one's own session.

import { type SessionId, toUuid } from "../../../kernel/ids.ts";
import { type UserTx, userStatement } from "../../../platform/db/index.ts";
import type { SignInMethod } from "../sessions/sessions.ts";

const isRecoverySql = userStatement<{ session_id: string }>(
  "identity.is_recovery_session",
  `select session_id from sessions where user_id = $1 and session_id = $2 and ended_at is null
   and methods @> array['password', 'recovery_code'] and created_at > now() - make_interval(secs => $3)`,
);

/** Answers whether the session began with a password and a recovery code, at most `seconds` ago. */
export async function isRecoverySession(tx: UserTx, sessionId: SessionId, seconds: number): Promise<boolean> {
  return (await tx.query(isRecoverySql, [toUuid(sessionId), seconds])).length > 0;
}

const methodsSql = userStatement<{ methods: SignInMethod[] }>(
  "identity.load_session_methods",
  "select methods from sessions where user_id = $1 and session_id = $2 and ended_at is null",
);

/** How the session's person proved who they are so far. */
export async function listMethods(tx: UserTx, sessionId: SessionId): Promise<SignInMethod[]> {
  return (await tx.query(methodsSql, [toUuid(sessionId)]))[0]?.methods ?? [];
}
