// Time-based one-time codes (RFC 6238): HMAC-SHA-1, 30 seconds, 6 digits, a 160-bit secret, which is what every
// authenticator app can do. A code of the current or the previous step is found, never of a later one.
//
// SECURITY: finding the step is half of the check. The caller stores it with a guarded update (`... where last_step < $1`)
// and refuses when no row changed, so that a code works once, also in two requests at the same moment (RFC 6238 5.2).

import { generateURI, ScureBase32Plugin, verifySync } from "otplib";
import type { Clock } from "../../../kernel/clock.ts";
import { Secret } from "../../../kernel/secret.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";

const secretBytes = 20;
const stepSeconds = 30;
const base32 = new ScureBase32Plugin();

export interface Totp {
  /** 20 bytes, to be sealed for storage. */
  readonly secret: Secret<Buffer>;
  /** For typing by hand: base32 in groups of four. */
  readonly typed: Secret<string>;
  /** For the QR code. */
  readonly uri: Secret<string>;
}

export interface TotpLabel {
  /** The installation or organisation, as the app shows it. */
  readonly issuer: string;
  /** The account, usually the e-mail address. */
  readonly account: string;
}

/** A fresh secret and its two forms for enrolment. Show them once, to the signed-in person only. */
export function createTotp(label: TotpLabel): Totp {
  const secret = drawBytes(secretBytes);
  const text = base32.encode(secret, { padding: false });
  return {
    secret: new Secret(secret),
    typed: new Secret(text.replaceAll(/.{4}(?=.)/g, "$& ")),
    uri: new Secret(toTotpUri(text, label)),
  };
}

/**
 * The time step of a typed code: the current one or the one before; undefined for a code of any other time and for what
 * is no code. Spaces between the digits are allowed. Takes the same time whichever digit is wrong.
 */
export function findTotpStep(secret: Secret<Buffer>, code: string, clock: Clock): number | undefined {
  const token = code.length > 16 ? "" : code.replaceAll(/[ \u00a0]/g, "");
  if (!/^[0-9]{6}$/.test(token)) return undefined;
  const result = verifySync({
    secret: secret.reveal(),
    token,
    epoch: Math.floor(clock.nowMs() / 1000),
    period: stepSeconds,
    digits: 6,
    algorithm: "sha1",
    epochTolerance: [stepSeconds, 0],
  });
  return result.valid && "timeStep" in result ? result.timeStep : undefined;
}

/** The colon separates issuer and account in a label, so neither may hold one. */
function toTotpUri(secret: string, { issuer, account }: TotpLabel): string {
  const label = account.replaceAll(":", " ").slice(0, 254);
  return generateURI({ issuer: issuer.replaceAll(":", " ").slice(0, 64), label, secret });
}
