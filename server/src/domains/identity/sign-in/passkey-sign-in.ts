// Signing in with a passkey: alone, without address or password, or as the second factor behind a ticket. The device
// verified the person, so a passkey is both factors at once.

import { AppError } from "../../../kernel/errors.ts";
import { fromBytes, type UserId } from "../../../kernel/ids.ts";
import { readSecret } from "../../secrets/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { KnownPasskey } from "../factors/passkey.ts";
import type { PasskeySignIn } from "../factors/passkey-answers.ts";
import { createSignInOptions } from "../factors/sign-in-with-passkey.ts";
import { keepChallenge } from "../proofs/challenges.ts";
import { checkPasskey } from "../proofs/check-factor.ts";
import { listPasskeys } from "../proofs/factor-store.ts";
import { type RequestMark, type StartedSession, startSession } from "../sessions/start-session.ts";
import { holdUser } from "../users/store.ts";
import { noteFailure } from "./note-failure.ts";

const system = { kind: "system", job: "sign-in" } as const;

export type PasskeyOptions = Awaited<ReturnType<typeof createSignInOptions>>["options"];

/**
 * What the browser needs to ask for a passkey: with the ticket of a first step the passkeys of that person, without one
 * whatever the device has. Throws `identity.challenge_refused` for a ticket that does not live.
 */
export async function beginPasskeySignIn(
  deps: IdentityDeps,
  input: { ticket?: string | undefined },
): Promise<PasskeyOptions> {
  const sealer = await deps.installation.sealer();
  let known: readonly KnownPasskey[] = [];
  let userId: UserId | undefined;
  if (input.ticket !== undefined) {
    userId = (await readSecret(deps.database, { secret: input.ticket, purpose: "sign_in", sealer }))?.userId;
    if (userId === undefined) throw new AppError(identityErrors.challengeRefused);
    known = await deps.database.withUser(system, userId, listPasskeys);
  }
  const { options, challenge } = await createSignInOptions(deps.site, known);
  const act = userId === undefined ? "sign_in" : "second_factor";
  await keepChallenge(deps.database, challenge, { act, userId, sessionId: undefined, sealer });
  return options;
}

/** The person a user handle names; undefined for what is none of ours. */
function findOwner(userHandle: string | undefined): UserId | undefined {
  const bytes = Buffer.from(userHandle ?? "", "base64url");
  return bytes.length === 16 ? fromBytes("user", bytes) : undefined;
}

/**
 * Signs in with a passkey alone. Throws `identity.challenge_refused`, `identity.factor_refused` or
 * `identity.passkey_copied`; `identity.refused` for somebody who may not sign in.
 */
export async function signInWithPasskey(
  deps: IdentityDeps,
  input: { passkey: PasskeySignIn },
  mark: RequestMark,
): Promise<StartedSession> {
  const sealer = await deps.installation.sealer();
  const answer = input.passkey;
  const userId = findOwner(answer.userHandle);
  if (userId === undefined) throw new AppError(identityErrors.factorRefused, { note: "no user handle of ours" });
  const purpose = { act: "sign_in", userId: undefined, sessionId: undefined } as const;
  const proof = await checkPasskey(deps, { answer, userId, sealer, purpose }).catch((error: unknown) => {
    noteFailure(deps, mark, { userId, step: "passkey" });
    throw error;
  });
  return deps.database.withBatch({ kind: "anonymous" }, async (batch) => {
    const tx = batch.enterUser(userId);
    await holdUser(tx);
    const isUsed = await proof.use(tx);
    if (!isUsed) throw new AppError(identityErrors.factorRefused, { note: "counter" });
    return startSession(batch, { ...mark, userId, methods: ["passkey"], sealer }, deps);
  });
}
