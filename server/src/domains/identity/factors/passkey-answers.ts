// What a browser sends back from a passkey ceremony, as our own pages spell it: the fields that are verified and no others.
// The schemas are closed and bounded, so that an operation can use them as its input.

import { z } from "zod";

const base64Url = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^[A-Za-z0-9_-]+$/, { error: "must be base64url" });

/** WebAuthn allows 1,023 bytes (4, credential id). */
const credentialId = base64Url(1_364);
const clientDataJSON = base64Url(4_096);

export const passkeyTransports = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;
export type PasskeyTransport = (typeof passkeyTransports)[number];

/** The answer of `navigator.credentials.create`. */
export const PasskeyRegistrationInput = z.strictObject({
  credentialId,
  clientDataJSON,
  attestationObject: base64Url(16_384),
  /** As `getTransports()` tells; only a hint for the next sign-in. */
  transports: z.array(z.enum(passkeyTransports)).max(passkeyTransports.length).default([]),
});
export type PasskeyRegistration = z.infer<typeof PasskeyRegistrationInput>;

/** The answer of `navigator.credentials.get`. */
export const PasskeySignInInput = z.strictObject({
  credentialId,
  clientDataJSON,
  authenticatorData: base64Url(4_096),
  signature: base64Url(2_048),
  /** The user handle given at registration, if the authenticator knows it. */
  userHandle: base64Url(88).optional(),
});
export type PasskeySignIn = z.infer<typeof PasskeySignInInput>;
