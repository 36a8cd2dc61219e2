// What follows every change of a person's factors, in its transaction: the other sessions end, sign-ins that are half-way
// through are void, the person is told by letter.

import type { UserTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import type { FactorChange } from "../../notices/index.ts";
import { voidSecrets } from "../../secrets/index.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { tellFactorChange } from "../letters/tell-person.ts";
import { endSessions } from "../sessions/store.ts";
import type { User } from "../users/users.ts";
import { recordAccount } from "./record-account.ts";

export interface FactorChanged {
  readonly user: User;
  readonly sealer: Sealer;
  readonly change: FactorChange;
  /** The audit action, `passkey.added`. */
  readonly action: string;
  readonly targets?: Readonly<Record<string, string>>;
}

/** SECURITY: whoever was in on the strength of the former factors is out. */
export async function afterFactorChange(
  deps: IdentityDeps,
  tx: UserTx,
  { caller, changed }: { caller: AccountCaller; changed: FactorChanged },
): Promise<void> {
  const { user, sealer, change, action, targets = {} } = changed;
  await endSessions(tx, "factors_changed", { except: caller.actor.sessionId });
  await voidSecrets(tx.batch, "sign_in", tx.userId);
  await tellFactorChange(deps, tx.batch, { to: user.email, origin: caller.origin, sealer, change });
  await recordAccount(tx, caller, { action, targets });
}
