// Signing in with a passkey, alone or as the second factor: the same check, since the device verified the person.

import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { AppError } from "../../../kernel/errors.ts";
import { identityErrors } from "../errors.ts";
import {
  assertOwnFrame,
  type Ceremony,
  ceremonyTimeoutMs,
  drawChallenge,
  type KnownPasskey,
  type Passkey,
  type PasskeySite,
  type PasskeyUse,
  refuseAs,
  refuseBecause,
  toDescriptor,
  toEnvelope,
} from "./passkey.ts";
import type { PasskeySignIn } from "./passkey-answers.ts";
import { loadWebAuthn } from "./webauthn-library.ts";

/** Options to sign in: with the passkeys of a known person, or with none for the device to offer what it has. */
export async function createSignInOptions(
  site: PasskeySite,
  known: readonly KnownPasskey[] = [],
): Promise<Ceremony<PublicKeyCredentialRequestOptionsJSON>> {
  const { generateAuthenticationOptions } = await loadWebAuthn();
  const options = await generateAuthenticationOptions({
    rpID: site.rpId,
    challenge: drawChallenge(),
    timeout: ceremonyTimeoutMs,
    userVerification: "required",
    ...(known.length > 0 ? { allowCredentials: known.map(toDescriptor) } : {}),
  });
  return { options, challenge: options.challenge };
}

export interface SignInExpectation {
  readonly challenge: string;
  readonly site: PasskeySite;
  /** The stored passkey that the answer's `credentialId` names. */
  readonly passkey: Passkey;
  /** The user handle of the passkey's owner. */
  readonly userHandle: Buffer;
}

/**
 * Checks the answer to `createSignInOptions` against the stored passkey. Throws `identity.factor_refused` for anything
 * wrong, and `identity.passkey_copied` for a right signature whose counter did not grow (WebAuthn 7.2, step 22).
 */
export async function verifySignIn(answer: PasskeySignIn, expected: SignInExpectation): Promise<PasskeyUse> {
  const { passkey } = expected;
  const info = await refuseAs(identityErrors.factorRefused, async () => {
    assertOwnFrame(answer.clientDataJSON);
    assertSameAccount(answer, expected);
    const { credentialId, clientDataJSON, authenticatorData, signature } = answer;
    const { verifyAuthenticationResponse } = await loadWebAuthn();
    const result = await verifyAuthenticationResponse({
      response: { ...toEnvelope(credentialId), response: { clientDataJSON, authenticatorData, signature } },
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.site.origin,
      expectedRPID: expected.site.rpId,
      // The library compares the counter before it checks the signature: a stranger could raise the alarm with a forged
      // answer. So it is compared here, afterwards.
      credential: { id: passkey.credentialId, publicKey: Uint8Array.from(passkey.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    if (!result.verified) throw refuseBecause("the signature does not verify");
    if ((result.authenticationInfo.credentialDeviceType === "multiDevice") !== passkey.isBackupEligible) {
      throw refuseBecause("the passkey changed whether it can be copied");
    }
    return result.authenticationInfo;
  });
  const hasCounter = info.newCounter > 0 || passkey.counter > 0;
  if (hasCounter && info.newCounter <= passkey.counter) {
    // SECURITY: two devices with one key show as a counter that stands still or goes back.
    const note = `counter ${info.newCounter} after ${passkey.counter}`;
    throw new AppError(identityErrors.passkeyCopied, { note });
  }
  return { credentialId: passkey.credentialId, counter: info.newCounter, isBackedUp: info.credentialBackedUp };
}

/** SECURITY: a credential or user handle of another account is refused, whatever else is right. */
function assertSameAccount(answer: PasskeySignIn, { passkey, userHandle }: SignInExpectation): void {
  if (answer.credentialId !== passkey.credentialId) throw refuseBecause("another credential than the one looked up");
  if (answer.userHandle !== undefined && answer.userHandle !== userHandle.toString("base64url")) {
    throw refuseBecause("the user handle of another account");
  }
}
