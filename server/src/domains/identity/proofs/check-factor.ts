// Checks a second factor: a code of an authenticator app, a recovery code, or the answer of a passkey. Codes can be guessed,
// so their tries are counted; a passkey cannot, so it is never locked.

import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import { toUuid } from "../../../kernel/ids.ts";
import type { Origin } from "../../../kernel/operation.ts";
import { Secret } from "../../../kernel/secret.ts";
import type { Sealer } from "../../keys/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { PasskeySignIn } from "../factors/passkey-answers.ts";
import { findRecoveryCode, toRecoveryCodeHash } from "../factors/recovery-codes.ts";
import { verifySignIn } from "../factors/sign-in-with-passkey.ts";
import { findTotpStep } from "../factors/totp.ts";
import { type ChallengePurpose, takeChallenge } from "./challenges.ts";
import { toDeviceHash } from "./check-password.ts";
import {
  acceptTotpStep,
  findPasskey,
  findTotpSecret,
  hasRecoveryCode,
  storePasskeyUse,
  toTotpField,
  useRecoveryCode,
} from "./factor-store.ts";
import type { Proof } from "./proof.ts";
import { clearTries, takeTry } from "./try-store.ts";

const system = { kind: "system", job: "sign-in" } as const;

export interface FactorClaim {
  readonly userId: UserId;
  readonly origin: Origin;
  readonly sealer: Sealer;
}

/** A code of the authenticator app. Undefined when it is wrong, spent, or no try is left. */
export async function checkTotp(deps: IdentityDeps, code: string, claim: FactorClaim): Promise<Proof | undefined> {
  const { userId, origin, sealer } = claim;
  const device = toDeviceHash(origin);
  const { isCounted, sealed } = await deps.database.withUser(system, userId, async (tx) => ({
    isCounted: await takeTry(tx, "factor", device),
    sealed: await findTotpSecret(tx),
  }));
  if (!isCounted || sealed === undefined) return undefined;
  const secret = new Secret(sealer.open(toTotpField(userId, "totp_factors"), sealed));
  const step = findTotpStep(secret, code, deps.clock);
  if (step === undefined) return undefined;
  return {
    method: "totp",
    use: async (tx) => (await clearTries(tx, "factor", device)) && (await acceptTotpStep(tx, step, sealed)),
  };
}

/** A recovery code. Undefined when it is wrong, used, or no try is left. */
export async function checkRecoveryCode(
  deps: IdentityDeps,
  typed: string,
  claim: FactorClaim,
): Promise<Proof | undefined> {
  const { userId, origin } = claim;
  const device = toDeviceHash(origin);
  const code = findRecoveryCode(typed);
  const hash = toRecoveryCodeHash(code ?? "", userId, deps.pepper);
  const isRight = await deps.database.withUser(
    system,
    userId,
    async (tx) => (await takeTry(tx, "factor", device)) && (await hasRecoveryCode(tx, hash)),
  );
  if (!isRight || code === undefined) return undefined;
  return {
    method: "recovery_code",
    use: async (tx) => (await clearTries(tx, "factor", device)) && (await useRecoveryCode(tx, hash)),
  };
}

/** The user handle of a person's passkeys: their id, which says nothing about them. */
export function toUserHandle(userId: UserId): Buffer {
  return Buffer.from(toUuid(userId), "hex");
}

export interface PasskeyClaim {
  readonly answer: PasskeySignIn;
  readonly userId: UserId;
  readonly sealer: Sealer;
  readonly purpose: ChallengePurpose;
}

/**
 * The answer of a passkey. Throws `identity.challenge_refused`, `identity.factor_refused`, or `identity.passkey_copied`.
 * The challenge is used up whatever the answer is.
 */
export async function checkPasskey(deps: IdentityDeps, claim: PasskeyClaim): Promise<Proof> {
  const { answer, userId, sealer, purpose } = claim;
  const challenge = await takeChallenge(deps.database, answer.clientDataJSON, { ...purpose, sealer });
  const passkey = await deps.database.withUser(system, userId, (tx) => findPasskey(tx, answer.credentialId));
  if (passkey === undefined) throw new AppError(identityErrors.factorRefused, { note: "unknown passkey" });
  const use = await verifySignIn(answer, { challenge, site: deps.site, passkey, userHandle: toUserHandle(userId) });
  return { method: "passkey", use: (tx) => storePasskeyUse(tx, use) };
}
