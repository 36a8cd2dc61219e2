// The authenticator app of an account. Its secret is shown once and counts only after a code of it was typed; one that
// replaces another does so at that moment, so that nobody who stops half-way is left without.

import { AppError } from "../../../kernel/errors.ts";
import { Secret } from "../../../kernel/secret.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { toQrSvg } from "../factors/qr-code.ts";
import { createTotp, findTotpStep } from "../factors/totp.ts";
import { toTotpField } from "../proofs/factor-store.ts";
import { holdUser } from "../users/store.ts";
import { readUser } from "../users/users.ts";
import { afterFactorChange } from "./after-factor-change.ts";
import { assertFresh } from "./assert-fresh.ts";
import { assertRemovable } from "./assert-removable.ts";
import {
  clearFactorFailures,
  deleteRecoveryCodes,
  deleteTotp,
  endEnrolment,
  findEnrolment,
  keepEnrolment,
  storeTotp,
} from "./factor-store.ts";
import { raiseSession } from "./step-up.ts";

/** A secret on its one way to the person. */
export interface ShownTotp {
  /** Base32 in groups of four, for typing. */
  readonly typed: string;
  readonly uri: string;
  readonly svg: string;
}

/** Draws a secret and shows it. Throws `identity.step_up_needed`. */
export async function beginTotp(deps: IdentityDeps, caller: AccountCaller): Promise<ShownTotp> {
  const sealer = await deps.installation.sealer();
  return deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    await assertFresh(tx, caller.actor);
    const { email } = await readUser(tx, sealer);
    const totp = createTotp({ issuer: deps.site.rpName, account: email });
    await keepEnrolment(tx, sealer.seal(toTotpField(tx.userId, "totp_enrolments"), totp.secret.reveal()));
    const uri = totp.uri.reveal();
    return { typed: totp.typed.reveal(), uri, svg: toQrSvg(uri, "QR code for the authenticator app") };
  });
}

/**
 * Puts the shown secret in force with a code of it, which is spent by that. The session counts as confirmed and goes on
 * under another token; the others end. Throws `identity.enrolment_refused`.
 */
export async function confirmTotp(
  deps: IdentityDeps,
  caller: AccountCaller,
  input: { code: string },
): Promise<Secret<string>> {
  const sealer = await deps.installation.sealer();
  return deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    await holdUser(tx);
    await assertFresh(tx, caller.actor);
    const sealed = await findEnrolment(tx);
    if (sealed === undefined) throw new AppError(identityErrors.enrolmentRefused);
    const secret = sealer.open(toTotpField(tx.userId, "totp_enrolments"), sealed);
    const step = findTotpStep(new Secret(secret), input.code, deps.clock);
    if (step === undefined || !(await endEnrolment(tx, sealed))) throw new AppError(identityErrors.enrolmentRefused);
    await storeTotp(tx, sealer.seal(toTotpField(tx.userId, "totp_factors"), secret), step);
    await clearFactorFailures(tx);
    const user = await readUser(tx, sealer);
    const token = await raiseSession(tx, caller, "totp");
    const change = { kind: "added", factor: "totp" } as const;
    await afterFactorChange(deps, tx, { caller, changed: { user, sealer, change, action: "totp.added" } });
    return token;
  });
}

/** Removes the authenticator app. Throws `identity.unknown_factor` or `identity.last_factor`. */
export async function removeTotp(deps: IdentityDeps, caller: AccountCaller): Promise<void> {
  const sealer = await deps.installation.sealer();
  await deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    await holdUser(tx);
    const user = await readUser(tx, sealer);
    if (!(await deleteTotp(tx))) throw new AppError(identityErrors.unknownFactor);
    assertRemovable(user, "totp", await deps.factorsRequired(tx.batch, tx.userId));
    if (user.passkeys === 0) await deleteRecoveryCodes(tx);
    const change = { kind: "removed", factor: "totp" } as const;
    await afterFactorChange(deps, tx, { caller, changed: { user, sealer, change, action: "totp.removed" } });
  });
}
