// Confirming who one is, inside a session: with a second factor, or with the password by somebody who has none (decision
// 0010). The session goes on under another token.

import { AppError, isError } from "../../../kernel/errors.ts";
import type { Secret } from "../../../kernel/secret.ts";
import type { UserTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { PasskeySignIn } from "../factors/passkey-answers.ts";
import { createSignInOptions } from "../factors/sign-in-with-passkey.ts";
import { checkOwnPassword } from "../password/change-password.ts";
import { keepChallenge } from "../proofs/challenges.ts";
import { checkPasskey, checkTotp } from "../proofs/check-factor.ts";
import { listPasskeys } from "../proofs/factor-store.ts";
import type { Proof } from "../proofs/proof.ts";
import { type SignInMethod, stepUpSession } from "../sessions/sessions.ts";
import { noteFailure } from "../sign-in/note-failure.ts";
import type { PasskeyOptions } from "../sign-in/passkey-sign-in.ts";
import { holdUser } from "../users/store.ts";
import { readUser } from "../users/users.ts";
import { recordAccount } from "./record-account.ts";
import { listMethods } from "./session-store.ts";

/** SECURITY: there is no recovery code here: it lets somebody in again and confirms nothing (SP 800-63B-4 4.2). */
export type StepUpInput =
  | { readonly method: "totp"; readonly code: string }
  | { readonly method: "passkey"; readonly passkey: PasskeySignIn }
  | { readonly method: "password"; readonly password: string };

/** What the browser needs to ask for one of the person's passkeys. */
export async function beginStepUp(deps: IdentityDeps, caller: AccountCaller): Promise<PasskeyOptions> {
  const { userId, sessionId } = caller.actor;
  const sealer = await deps.installation.sealer();
  const known = await deps.database.withUser(caller.actor, userId, listPasskeys);
  const { options, challenge } = await createSignInOptions(deps.site, known);
  await keepChallenge(deps.database, challenge, { act: "step_up", userId, sessionId, sealer });
  return options;
}

async function check(
  deps: IdentityDeps,
  caller: AccountCaller,
  shown: { input: StepUpInput; sealer: Sealer },
): Promise<Proof> {
  const { input, sealer } = shown;
  const { userId, sessionId } = caller.actor;
  if (input.method === "passkey") {
    const purpose = { act: "step_up", userId, sessionId } as const;
    return checkPasskey(deps, { answer: input.passkey, userId, sealer, purpose });
  }
  if (input.method === "totp") {
    const proof = await checkTotp(deps, input.code, { userId, origin: caller.origin, sealer });
    if (proof === undefined) throw new AppError(identityErrors.stepUpRefused);
    return proof;
  }
  const user = await deps.database.withUser(caller.actor, userId, (tx) => readUser(tx, sealer));
  if (user.hasTotp || user.passkeys > 0) throw new AppError(identityErrors.factorNeeded);
  return checkOwnPassword(deps, caller, { user, password: input.password, sealer });
}

/** Notes on the session that `method` was shown, and returns its next token. Throws when the session has ended. */
export async function raiseSession(tx: UserTx, caller: AccountCaller, method: SignInMethod): Promise<Secret<string>> {
  const { sessionId } = caller.actor;
  const methods = new Set([...(await listMethods(tx, sessionId)), method]);
  const token = await stepUpSession(tx, sessionId, [...methods]);
  if (token === undefined) throw new AppError(identityErrors.sessionRequired);
  return token;
}

/** A refusal inside a session is not one of the session: it keeps working. */
function toRefusal(error: unknown): unknown {
  const isFactor = [identityErrors.factorRefused, identityErrors.challengeRefused, identityErrors.passkeyCopied];
  return isFactor.some((definition) => isError(error, definition))
    ? new AppError(identityErrors.stepUpRefused, { cause: error })
    : error;
}

/**
 * Confirms who the caller is and returns their session's next token. Throws `identity.step_up_refused`,
 * `identity.wrong_password`, or `identity.factor_needed` for a password where there is a factor.
 */
export async function stepUp(deps: IdentityDeps, caller: AccountCaller, input: StepUpInput): Promise<Secret<string>> {
  const { userId } = caller.actor;
  const sealer = await deps.installation.sealer();
  const proof = await check(deps, caller, { input, sealer }).catch((error: unknown) => {
    if (input.method !== "password") noteFailure(deps, caller, { userId, step: input.method });
    throw toRefusal(error);
  });
  return deps.database.withUser(caller.actor, userId, async (tx) => {
    await holdUser(tx);
    const user = await readUser(tx, sealer);
    const isAlone = input.method === "password" && (user.hasTotp || user.passkeys > 0);
    if (isAlone) throw new AppError(identityErrors.factorNeeded);
    if (!(await proof.use(tx))) throw new AppError(identityErrors.stepUpRefused);
    const token = await raiseSession(tx, caller, proof.method);
    await recordAccount(tx, caller, { action: "session.stepped_up", targets: { method: proof.method } });
    return token;
  });
}
