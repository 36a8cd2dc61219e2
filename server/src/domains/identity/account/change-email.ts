// Changing the address somebody signs in with: the next address shows by a link that letters reach it, the former one is
// told. Which addresses have an account shows nowhere: one that has is written to like any other, and its link fails.

import { AppError, isError } from "../../../kernel/errors.ts";
import { databaseErrors } from "../../../platform/db/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { toConfirmEmailLetter, toEmailChangedLetter, toLink } from "../../notices/index.ts";
import { drawSecret, keepSecret, readSecret, secretSeconds, useSecret, voidSecrets } from "../../secrets/index.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { toOccasion } from "../letters/tell-person.ts";
import { countLately } from "../password/store.ts";
import type { RequestMark } from "../sessions/start-session.ts";
import { toEmail, toEmailIndex } from "../users/email.ts";
import { holdUser, storeEmail, toUserField } from "../users/store.ts";
import { readUser } from "../users/users.ts";
import { recordAccount } from "./record-account.ts";

/** Letters for one person within an hour: nobody fills somebody else's mailbox with them. */
const lettersMax = 5;

/** Sends a link to the next address. An earlier link dies. Throws `identity.email_invalid`, `identity.too_many_letters`. */
export async function beginEmailChange(
  deps: IdentityDeps,
  caller: AccountCaller,
  input: { email: string },
): Promise<void> {
  const { userId } = caller.actor;
  const email = toEmail(input.email);
  const sealer = await deps.installation.sealer();
  await deps.database.withUser(caller.actor, userId, async (tx) => {
    const { batch } = tx;
    await holdUser(tx);
    if ((await countLately(batch, "email", userId)) >= lettersMax) throw new AppError(identityErrors.tooManyLetters);
    await voidSecrets(batch, "email", userId);
    const token = drawSecret();
    await keepSecret(batch, token, { purpose: "email", userId, payload: email, sealer });
    const occasion = toOccasion(deps, caller.origin);
    const link = toLink(deps.publicUrl, "/account/email/confirm", { token: token.reveal() });
    const letter = toConfirmEmailLetter({ link, occasion, expiresAtMs: occasion.atMs + secretSeconds.email * 1000 });
    await queueLetter(batch, sealer, { to: email, ...letter });
    await recordAccount(tx, caller, { action: "email.change_requested" });
  });
}

/**
 * Puts the next address in force by its link's token. Throws `identity.link_refused` for a token that does not work, also
 * when somebody else has the address.
 */
export async function confirmEmailChange(
  deps: IdentityDeps,
  input: { token: string },
  mark: RequestMark,
): Promise<void> {
  const sealer = await deps.installation.sealer();
  const shown = { secret: input.token, purpose: "email", sealer } as const;
  const userId = (await readSecret(deps.database, shown))?.userId;
  if (userId === undefined) throw new AppError(identityErrors.linkRefused);
  const change = deps.database.withUser({ kind: "anonymous" }, userId, async (tx) => {
    const { batch } = tx;
    await holdUser(tx);
    const subject = await useSecret(batch, shown);
    if (subject?.userId !== userId || subject.payload === undefined) throw new AppError(identityErrors.linkRefused);
    const email = toEmail(subject.payload);
    const former = await readUser(tx, sealer);
    const sealed = sealer.seal(toUserField(userId, "email"), email);
    if (!(await storeEmail(tx, toEmailIndex(email, sealer), sealed))) throw new AppError(identityErrors.linkRefused);
    // SECURITY: a reset link that went to the former address does not open the account any more.
    await voidSecrets(batch, "reset", userId);
    const securityLink = toLink(deps.publicUrl, "/account");
    const letter = toEmailChangedLetter({ nextAddress: email, occasion: toOccasion(deps, mark.origin), securityLink });
    await queueLetter(batch, sealer, { to: former.email, ...letter });
    await deps.profileChanged(batch, userId, { email, name: former.name });
    await recordAccount(tx, mark, { action: "email.changed" });
  });
  await change.catch((error: unknown) => {
    throw isError(error, databaseErrors.conflict) ? new AppError(identityErrors.linkRefused, { cause: error }) : error;
  });
}
