// Resetting a password by mail. Asking for it answers alike for every address and does its work after the answer; the link
// works once, for half an hour, and leads back to the sign-in: it replaces the password and nothing else.

import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import type { BatchTx } from "../../../platform/db/index.ts";
import { recordPersonAudit } from "../../audit/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { type LetterLink, toLink, toPasswordResetLetter } from "../../notices/index.ts";
import { drawSecret, keepSecret, readSecret, secretSeconds, useSecret, voidSecrets } from "../../secrets/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { tellPasswordChange, toOccasion } from "../letters/tell-person.ts";
import { storePassword } from "../proofs/password-store.ts";
import { forgetDevices } from "../sessions/device-store.ts";
import type { RequestMark, SessionDeps } from "../sessions/start-session.ts";
import { endSessions } from "../sessions/store.ts";
import { findEmail } from "../users/email.ts";
import { holdUser } from "../users/store.ts";
import { findUserId, readUser } from "../users/users.ts";
import { judgeOwnPassword } from "./judge.ts";
import { countLately } from "./store.ts";

/** Letters to one person within an hour; more would only fill a mailbox. */
const lettersMax = 5;

function toNote(action: string, { requestId, operation, origin }: RequestMark) {
  return { action, operation, requestId, remoteAddress: origin.address, targets: {} };
}

/** Makes a link that resets a person's password once, and ends the links before it. */
export async function drawResetLink(
  deps: Pick<SessionDeps, "publicUrl">,
  batch: BatchTx,
  whose: { userId: UserId; sealer: Sealer },
): Promise<LetterLink> {
  const { userId, sealer } = whose;
  await holdUser(batch.enterUser(userId));
  await voidSecrets(batch, "reset", userId);
  const token = drawSecret();
  await keepSecret(batch, token, { purpose: "reset", userId, sealer });
  // SECURITY: from the configured address, never from what a request says of its host (CVE-2026-41275).
  return toLink(deps.publicUrl, "/reset/new", { token: token.reveal() });
}

async function sendResetLetter(deps: IdentityDeps, typed: string, mark: RequestMark): Promise<void> {
  const sealer = await deps.installation.sealer();
  const email = findEmail(typed);
  const userId = email === undefined ? undefined : await findUserId(deps.database, email, sealer);
  if (userId === undefined) return;
  await deps.database.withBatch({ kind: "anonymous" }, async (batch) => {
    const user = await readUser(batch.enterUser(userId), sealer);
    if (user.status !== "active" || (await countLately(batch, "reset", userId)) >= lettersMax) return;
    const link = await drawResetLink(deps, batch, { userId, sealer });
    const occasion = toOccasion(deps, mark.origin);
    const letter = toPasswordResetLetter({ link, occasion, expiresAtMs: occasion.atMs + secretSeconds.reset * 1000 });
    await queueLetter(batch, sealer, { to: user.email, ...letter });
    await recordPersonAudit(batch, userId, toNote("password.reset_requested", mark));
  });
}

/**
 * Has a reset letter sent to whoever has this address, after the answer.
 * SECURITY: nothing of the answer depends on whether there is an account (CVE-2025-58434).
 */
export function requestPasswordReset(deps: IdentityDeps, input: { email: string }, mark: RequestMark): void {
  deps.afterwards.run("password reset letter", () => sendResetLetter(deps, input.email, mark));
}

/** Answers whether a reset link works, without using it up. */
export async function isResetLink(deps: IdentityDeps, token: string): Promise<boolean> {
  const sealer = await deps.installation.sealer();
  return (await readSecret(deps.database, { secret: token, purpose: "reset", sealer })) !== undefined;
}

/**
 * Sets a password by a link's token. Throws `identity.link_refused` for a token that does not work, and
 * `identity.weak_password`, which leaves the link usable. Ends every session, and every way half-way into one; second
 * factors stay as they are, and nobody is signed in by it.
 */
export async function completePasswordReset(
  deps: IdentityDeps,
  input: { token: string; password: string },
  mark: RequestMark,
): Promise<void> {
  const sealer = await deps.installation.sealer();
  const shown = { secret: input.token, purpose: "reset", sealer } as const;
  const userId = (await readSecret(deps.database, shown))?.userId;
  if (userId === undefined) throw new AppError(identityErrors.linkRefused);
  const user = await judgeOwnPassword(deps, input.password, { userId, sealer });
  const hash = await deps.hasher.hash(input.password);
  await deps.database.withBatch({ kind: "anonymous" }, async (batch) => {
    const tx = batch.enterUser(userId);
    const isStored = await storePassword(tx, hash, undefined);
    // SECURITY: used up in the transaction that changes the password: once, for one password (CVE-2026-41276).
    const isUsed = (await useSecret(batch, shown))?.userId === userId;
    if (!isStored || !isUsed) throw new AppError(identityErrors.linkRefused);
    await endSessions(tx, "password_reset");
    await forgetDevices(tx);
    for (const purpose of ["reset", "sign_in", "email"] as const) await voidSecrets(batch, purpose, userId);
    await tellPasswordChange(deps, batch, { to: user.email, origin: mark.origin, sealer });
    await recordPersonAudit(batch, userId, toNote("password.reset", mark));
  });
}
