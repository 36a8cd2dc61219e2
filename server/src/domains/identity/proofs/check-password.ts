// Checks a password: of a stranger who names an address, or of somebody signed in who gives it again. Both count tries.
//
// SECURITY: an address without an account, an account without a password, a wrong password and a locked one cost the same
// statements and one hash, and are answered alike.

import type { UserId } from "../../../kernel/ids.ts";
import type { Origin } from "../../../kernel/operation.ts";
import { sha256 } from "../../../platform/crypto/hmac.ts";
import { newId } from "../../../platform/crypto/random.ts";
import type { IdentityDeps } from "../deps.ts";
import { toNetwork } from "../devices/describe-network.ts";
import type { SignInAttempt } from "../throttling/sign-in-throttle.ts";
import { confirmPassword, findSignIn, type SignInRow } from "./password-store.ts";
import type { Proof } from "./proof.ts";
import { clearTries, returnTry, takeTry } from "./try-store.ts";

const system = { kind: "system", job: "sign-in" } as const;

export interface PasswordClaim {
  /** Undefined for an address nobody has: the same is done for nobody. */
  readonly userId: UserId | undefined;
  readonly password: string;
  readonly origin: Origin;
  /** Names the account to the throttle, whether or not there is one. */
  readonly account: string;
}

export interface PasswordFinding {
  /** Undefined when the password was not right or does not count. */
  readonly proof: Proof | undefined;
  /** Undefined for nobody. */
  readonly row: SignInRow | undefined;
  /** The try was counted: not when none was left. */
  readonly isCounted: boolean;
}

/** The hash a device's token is stored as; of no token, one that no device has. */
export function toDeviceHash({ deviceToken }: Origin): Buffer {
  return sha256(deviceToken ?? "");
}

async function toProof(
  deps: IdentityDeps,
  claim: PasswordClaim & { stored: string; needsRehash: boolean },
): Promise<Proof> {
  const stronger = claim.needsRehash ? await deps.hasher.hash(claim.password) : undefined;
  return {
    method: "password",
    async use(tx) {
      if (!(await confirmPassword(tx, claim.stored, stronger))) return false;
      return clearTries(tx, "password", toDeviceHash(claim.origin));
    },
  };
}

/** Checks a claim. Throws `identity.too_many_attempts` and `identity.busy`. */
export async function checkPassword(deps: IdentityDeps, claim: PasswordClaim): Promise<PasswordFinding> {
  const { database, hasher, throttle } = deps;
  // Nobody's id: every statement runs, and none finds anything.
  const userId = claim.userId ?? newId("user");
  const device = toDeviceHash(claim.origin);
  const row = await database.withUser(system, userId, (tx) => findSignIn(tx, device));
  const network = toNetwork(claim.origin.address);
  const attempt: SignInAttempt = { account: claim.account, network, isKnownDevice: row?.isKnownDevice === true };
  throttle.assertMayTry(attempt);
  const stored = row?.passwordHash;
  // At the same time, so that counting a known person's try does not show in the time of the answer.
  const counting = database.withUser(system, userId, (tx) => takeTry(tx, "password", device));
  const [match, isCounted] = await Promise.all([
    (stored === undefined ? hasher.verifyNothing(claim.password) : hasher.verify(claim.password, stored)).catch(
      async (error: unknown) => {
        throttle.takeBack(attempt);
        // What was counted is returned, once it was; to nobody what was not, so that both cost the same.
        const whose = (await counting) ? userId : newId("user");
        await database.withUser(system, whose, (tx) => returnTry(tx, "password", device));
        throw error;
      },
    ),
    counting,
  ]);
  if (!match.isMatch || !isCounted || stored === undefined) return { proof: undefined, row, isCounted };
  throttle.countSuccess(attempt);
  return { proof: await toProof(deps, { ...claim, stored, needsRehash: match.needsRehash }), row, isCounted };
}
