// Adding a passkey. What must stay true: nothing a browser sends makes the server open a connection. The library fetches the
// revocation list named in an attestation certificate; so statements with certificates are refused before it sees them.

import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import { identityErrors } from "../errors.ts";
import {
  assertOwnFrame,
  type Ceremony,
  ceremonyTimeoutMs,
  drawChallenge,
  type KnownPasskey,
  type Passkey,
  type PasskeyOwner,
  type PasskeySite,
  passkeyAlgorithms,
  refuseAs,
  refuseBecause,
  toDescriptor,
  toEnvelope,
} from "./passkey.ts";
import type { PasskeyRegistration } from "./passkey-answers.ts";
import { loadWebAuthn, loadWebAuthnHelpers } from "./webauthn-library.ts";

/** Options to add a passkey. `known` are the person's passkeys: the same device is not added twice. */
export async function createRegistrationOptions(
  site: PasskeySite,
  owner: PasskeyOwner,
  known: readonly KnownPasskey[],
): Promise<Ceremony<PublicKeyCredentialCreationOptionsJSON>> {
  const { generateRegistrationOptions } = await loadWebAuthn();
  const options = await generateRegistrationOptions({
    rpName: site.rpName,
    rpID: site.rpId,
    userID: Uint8Array.from(owner.userHandle),
    userName: owner.email,
    userDisplayName: owner.displayName,
    challenge: drawChallenge(),
    timeout: ceremonyTimeoutMs,
    attestationType: "none",
    excludeCredentials: known.map(toDescriptor),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    supportedAlgorithmIDs: passkeyAlgorithms,
  });
  return { options, challenge: options.challenge };
}

/** Checks the answer to `createRegistrationOptions`. Throws `identity.passkey_unusable`, whatever is wrong with it. */
export async function verifyRegistration(
  answer: PasskeyRegistration,
  challenge: string,
  site: PasskeySite,
): Promise<Passkey> {
  const { credentialId, clientDataJSON, attestationObject, transports } = answer;
  return refuseAs(identityErrors.passkeyUnusable, async () => {
    assertOwnFrame(clientDataJSON);
    await assertNoCertificates(attestationObject);
    const { verifyRegistrationResponse } = await loadWebAuthn();
    const result = await verifyRegistrationResponse({
      response: { ...toEnvelope(credentialId), response: { clientDataJSON, attestationObject } },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: passkeyAlgorithms,
    });
    if (!result.verified) throw refuseBecause("the attestation does not verify");
    const { credential, credentialDeviceType, credentialBackedUp, aaguid } = result.registrationInfo;
    if (credential.id !== credentialId) throw refuseBecause("the credential id differs from the one that is signed");
    return {
      credentialId,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports,
      isBackupEligible: credentialDeviceType === "multiDevice",
      isBackedUp: credentialBackedUp,
      aaguid,
    };
  });
}

/** SECURITY: no certificate of an attestation is ever read, so none can make the server fetch what it names. */
async function assertNoCertificates(attestationObject: string): Promise<void> {
  const { decodeAttestationObject } = await loadWebAuthnHelpers();
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, "base64url")));
  const format: string = decoded.get("fmt");
  const isPlain = format === "none" || (format === "packed" && decoded.get("attStmt").get("x5c") === undefined);
  if (!isPlain) throw refuseBecause(`attestation "${String(format).slice(0, 40)}" was not asked for`);
}
