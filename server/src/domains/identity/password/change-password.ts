// Changing a password while signed in: the current one is asked for again, because a session may be somebody else's hands.

import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import type { Sealer } from "../../keys/index.ts";
import { voidSecrets } from "../../secrets/index.ts";
import { assertFresh } from "../account/assert-fresh.ts";
import { recordAccount } from "../account/record-account.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { tellPasswordChange } from "../letters/tell-person.ts";
import { checkPassword } from "../proofs/check-password.ts";
import { storePassword } from "../proofs/password-store.ts";
import type { Proof } from "../proofs/proof.ts";
import { endSessions } from "../sessions/store.ts";
import { noteFailure } from "../sign-in/note-failure.ts";
import { toEmailIndex } from "../users/email.ts";
import { holdUser } from "../users/store.ts";
import { readUser, type User } from "../users/users.ts";
import { judgeOwnPassword } from "./judge.ts";

/** Checks the password of somebody signed in. Throws `identity.wrong_password`, `identity.too_many_attempts`. */
export async function checkOwnPassword(
  deps: IdentityDeps,
  caller: AccountCaller,
  claim: { user: User; password: string; sealer: Sealer },
): Promise<Proof> {
  const { user, password, sealer } = claim;
  const account = toEmailIndex(user.email, sealer).toString("base64url");
  const { userId } = user;
  const { proof, isCounted } = await checkPassword(deps, { userId, password, origin: caller.origin, account });
  if (proof !== undefined) return proof;
  if (isCounted) noteFailure(deps, caller, { userId, step: "password" });
  throw new AppError(identityErrors.wrongPassword);
}

export interface ChangePasswordInput {
  /** Left out by somebody who has none yet; then a step-up is needed instead. */
  readonly currentPassword?: string | undefined;
  readonly password: string;
}

async function proveOwner(
  deps: IdentityDeps,
  caller: AccountCaller,
  whose: { input: ChangePasswordInput; userId: UserId; sealer: Sealer },
): Promise<Proof | undefined> {
  const { input, userId, sealer } = whose;
  const user = await deps.database.withUser(caller.actor, userId, (tx) => readUser(tx, sealer));
  if (user.hasPassword) {
    return checkOwnPassword(deps, caller, { user, password: input.currentPassword ?? "", sealer });
  }
  await deps.database.withUser(caller.actor, userId, (tx) => assertFresh(tx, caller.actor));
  return undefined;
}

/**
 * Changes the caller's password and ends their other sessions. Throws `identity.wrong_password` for the current one and
 * `identity.weak_password` for the next.
 */
export async function changePassword(
  deps: IdentityDeps,
  caller: AccountCaller,
  input: ChangePasswordInput,
): Promise<void> {
  const { userId, sessionId } = caller.actor;
  const sealer = await deps.installation.sealer();
  const proof = await proveOwner(deps, caller, { input, userId, sealer });
  const user = await judgeOwnPassword(deps, input.password, { userId, sealer });
  const hash = await deps.hasher.hash(input.password);
  await deps.database.withUser(caller.actor, userId, async (tx) => {
    await holdUser(tx);
    const isProved = proof === undefined ? !(await readUser(tx, sealer)).hasPassword : await proof.use(tx);
    if (!isProved || !(await storePassword(tx, hash, undefined))) throw new AppError(identityErrors.wrongPassword);
    await endSessions(tx, "password_changed", { except: sessionId });
    for (const purpose of ["reset", "sign_in"] as const) await voidSecrets(tx.batch, purpose, userId);
    await tellPasswordChange(deps, tx.batch, { to: user.email, origin: caller.origin, sealer });
    await recordAccount(tx, caller, { action: "password.changed" });
  });
}
