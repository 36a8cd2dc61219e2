// What a passkey is to this product, and the policy for all of them (WebAuthn Level 3): the person is verified by the device
// every time, ES256, EdDSA or RS256, no attestation. A challenge is given out and taken back as a value; that it is used
// once, within five minutes and by whom it was given to is the caller's duty.

import type { AuthenticatorTransport } from "@simplewebauthn/server";
import { AppError, type ErrorDefinition } from "../../../kernel/errors.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import { identityErrors } from "../errors.ts";
import type { PasskeyTransport } from "./passkey-answers.ts";

const challengeBytes = 32;
/** How long a browser may take. */
export const ceremonyTimeoutMs = 300_000;
/** COSE: EdDSA, ES256, RS256. */
export const passkeyAlgorithms = [-8, -7, -257];

/** Where passkeys are valid. From the settings, never from a request. */
export interface PasskeySite {
  /** The domain: `chat.example.com`. */
  readonly rpId: string;
  /** What the device shows. */
  readonly rpName: string;
  /** The dashboard's origin: `https://chat.example.com`. */
  readonly origin: string;
}

export interface PasskeyOwner {
  /** At most 64 random bytes that name the account to authenticators; no personal data (WebAuthn 14.6.1). */
  readonly userHandle: Buffer;
  readonly email: string;
  readonly displayName: string;
}

/** Names a passkey to a browser. */
export interface KnownPasskey {
  readonly credentialId: string;
  readonly transports: readonly PasskeyTransport[];
}

/** What is stored of a passkey. */
export interface Passkey extends KnownPasskey {
  /** COSE key. */
  readonly publicKey: Buffer;
  /** Signatures so far, as the authenticator counts; 0 for those that do not. */
  readonly counter: number;
  /** Can be copied to other devices. Never changes. */
  readonly isBackupEligible: boolean;
  /** Is copied right now. */
  readonly isBackedUp: boolean;
  /** The model, or zeros. */
  readonly aaguid: string;
}

/** What a sign-in changes of a stored passkey. Store the counter with a guarded update. */
export type PasskeyUse = Pick<Passkey, "credentialId" | "counter" | "isBackedUp">;

/** Options for the browser, and their challenge (base64url) to keep until the answer. */
export interface Ceremony<Options> {
  readonly options: Options;
  readonly challenge: string;
}

/** 32 random bytes that a device has to sign. */
export function drawChallenge(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(drawBytes(challengeBytes));
}

/** SECURITY: a ceremony inside somebody else's frame is refused; the dashboard is never framed. */
export function assertOwnFrame(clientDataJSON: string): void {
  const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"));
  const isFramed = typeof data === "object" && data !== null && "crossOrigin" in data && data.crossOrigin === true;
  if (isFramed) throw refuseBecause("the ceremony ran in a frame of another origin");
}

/** What the library wants around an answer. */
export function toEnvelope(credentialId: string) {
  return { id: credentialId, rawId: credentialId, type: "public-key" as const, clientExtensionResults: {} };
}

/** A passkey as the browser's options name it. */
export function toDescriptor({ credentialId, transports }: KnownPasskey): {
  id: string;
  transports: AuthenticatorTransport[];
} {
  return { id: credentialId, transports: [...transports] as AuthenticatorTransport[] };
}

/** For the inside of `refuseAs`: only the note counts. */
export function refuseBecause(note: string): AppError {
  return new AppError(identityErrors.factorRefused, { note });
}

/** Runs the checks; whatever they raise becomes one refusal, and what it was stays in the log. */
export async function refuseAs<T>(definition: ErrorDefinition, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (cause) {
    const note = cause instanceof Error ? cause.message.slice(0, 300) : "not an error";
    throw new AppError(definition, { note, cause });
  }
}
