// The second step of signing in: a ticket and a second factor. A ticket is worth five tries and one session.

import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import type { BatchTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { trySecret, useSecret } from "../../secrets/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { PasskeySignIn } from "../factors/passkey-answers.ts";
import { tellFactorChange } from "../letters/tell-person.ts";
import { checkPasskey, checkRecoveryCode, checkTotp } from "../proofs/check-factor.ts";
import type { Proof } from "../proofs/proof.ts";
import { type RequestMark, type StartedSession, startSession } from "../sessions/start-session.ts";
import { holdUser } from "../users/store.ts";
import { readUser } from "../users/users.ts";
import { noteFailure } from "./note-failure.ts";

export type FactorInput =
  | { readonly method: "totp" | "recovery_code"; readonly code: string }
  | { readonly method: "passkey"; readonly passkey: PasskeySignIn };

export interface FinishInput {
  readonly ticket: string;
  readonly factor: FactorInput;
}

const triesMax = 5;

interface Claim {
  readonly factor: FactorInput;
  readonly userId: UserId;
  readonly sealer: Sealer;
  readonly mark: RequestMark;
}

async function check(deps: IdentityDeps, { factor, userId, sealer, mark }: Claim): Promise<Proof> {
  if (factor.method === "passkey") {
    const purpose = { act: "second_factor", userId, sessionId: undefined } as const;
    return checkPasskey(deps, { answer: factor.passkey, userId, sealer, purpose });
  }
  const find = factor.method === "totp" ? checkTotp : checkRecoveryCode;
  const proof = await find(deps, factor.code, { userId, origin: mark.origin, sealer });
  if (proof === undefined) throw new AppError(identityErrors.factorRefused);
  return proof;
}

async function tellOfRecovery(deps: IdentityDeps, batch: BatchTx, { userId, sealer, mark }: Claim): Promise<void> {
  const { email, recoveryCodesLeft } = await readUser(batch.enterUser(userId), sealer);
  const change = { kind: "recovery_code_used", codesLeft: recoveryCodesLeft } as const;
  await tellFactorChange(deps, batch, { to: email, origin: mark.origin, sealer, change });
}

/**
 * Finishes signing in. Throws `identity.challenge_refused` for a ticket that is wrong, used, too old or out of tries, and
 * `identity.factor_refused` for a wrong factor.
 * SECURITY: of any number of right answers to one ticket, one begins a session.
 */
export async function finishSignIn(deps: IdentityDeps, input: FinishInput, mark: RequestMark): Promise<StartedSession> {
  const sealer = await deps.installation.sealer();
  const ticket = { secret: input.ticket, purpose: "sign_in", sealer } as const;
  // SECURITY: the try is spent before the answer is looked at (CVE-2026-62862).
  const userId = (await trySecret(deps.database, { ...ticket, triesMax }))?.userId;
  if (userId === undefined) throw new AppError(identityErrors.challengeRefused);
  const claim = { factor: input.factor, userId, sealer, mark };
  const refuse = (error: unknown): never => {
    noteFailure(deps, mark, { userId, step: input.factor.method });
    throw error;
  };
  const proof = await check(deps, claim).catch(refuse);
  return deps.database.withBatch({ kind: "anonymous" }, async (batch) => {
    const tx = batch.enterUser(userId);
    await holdUser(tx);
    const isUsed = await proof.use(tx);
    if (!isUsed) throw new AppError(identityErrors.factorRefused, { note: "used meanwhile" });
    const subject = await useSecret(batch, ticket);
    if (subject === undefined) throw new AppError(identityErrors.challengeRefused);
    if (proof.method === "recovery_code") await tellOfRecovery(deps, batch, claim);
    return startSession(batch, { ...mark, userId, methods: ["password", proof.method], sealer }, deps);
  });
}
