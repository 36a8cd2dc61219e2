// Ends sessions of the organisation's users: of one, or of all. A session is a person's, so it ends everywhere; that is
// the point when a device was stolen. Only of users of this organisation.

import { AppError } from "../../../kernel/errors.ts";
import type { SessionId, UserId } from "../../../kernel/ids.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { endSessions } from "../../identity/index.ts";
import { organisationErrors } from "../errors.ts";
import { findUser, listActiveUsers } from "./user-store.ts";

const reason = "ended by an administrator";
const usersAtOnce = 500;

/** Ends every session of one user. SECURITY: somebody of another organisation is nobody here. */
export async function endUserSessions(tx: OrganisationTx, userId: UserId): Promise<number> {
  if ((await findUser(tx, userId)) === undefined) throw new AppError(organisationErrors.userNotFound);
  return (await endSessions(tx.batch.enterUser(userId), reason)).length;
}

/** Ends every session of every active user, but the caller's own, so that they can go on. */
export async function endAllSessions(
  tx: OrganisationTx,
  caller: { readonly userId: UserId; readonly sessionId: SessionId },
): Promise<number> {
  let ended = 0;
  for (let after: UserId | undefined; ; ) {
    const users: UserId[] = await listActiveUsers(tx, { after, first: usersAtOnce });
    for (const userId of users) {
      const which = userId === caller.userId ? { except: caller.sessionId } : {};
      ended += (await endSessions(tx.batch.enterUser(userId), reason, which)).length;
    }
    if (users.length < usersAtOnce) return ended;
    after = users.at(-1);
  }
}
