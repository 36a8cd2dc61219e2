// A proof of who somebody is that was found right and has yet to be used up. It is used up in the transaction of what it
// allows: should that fail, so does the use, and of any number of uses at once one succeeds.

import type { UserTx } from "../../../platform/db/index.ts";
import type { SignInMethod } from "../sessions/sessions.ts";

export interface Proof {
  readonly method: SignInMethod;
  /** Answers false when somebody else used it up meanwhile: then nothing it allows may happen. */
  use(tx: UserTx): Promise<boolean>;
}
