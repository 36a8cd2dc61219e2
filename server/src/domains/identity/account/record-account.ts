import type { UserTx } from "../../../platform/db/index.ts";
import { recordPersonAudit } from "../../audit/index.ts";
import type { RequestMark } from "../sessions/start-session.ts";

/** Writes what a person did to their own account into the log of each of their organisations. */
export async function recordAccount(
  tx: UserTx,
  mark: RequestMark,
  what: { action: string; targets?: Readonly<Record<string, string>> },
): Promise<void> {
  const { requestId, operation, origin } = mark;
  const { action, targets = {} } = what;
  await recordPersonAudit(tx.batch, tx.userId, {
    ...{ action, operation, requestId, targets },
    remoteAddress: origin.address,
  });
}
