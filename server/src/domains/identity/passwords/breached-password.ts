// Asks a range service whether a password is in a known breach without telling it which: only the first five hex digits of
// its SHA-1 leave, some hundreds of suffixes come back, and padding hides their number (k-anonymity). Off unless an
// operator names a service.
//
// It fails open, with a warning: the blocklist of this installation has judged the password already, and a service outside
// that is down must not stop an organisation from setting or resetting passwords.

import { sha1 } from "../../../platform/crypto/sha1.ts";
import type { Logger } from "../../../platform/log/log.ts";
import type { OutboundClient } from "../../../platform/outbound/index.ts";
import { normalisePassword } from "./normalise-password.ts";

const prefixDigits = 5;
const timeoutMs = 3_000;
/** A padded answer has up to a thousand lines of some 40 bytes. */
const responseBytesMax = 262_144;
const linePattern = /^([0-9A-F]{35}):(\d{1,10})$/;

export interface BreachCheck {
  readonly outbound: Pick<OutboundClient, "request">;
  /** The address that the five digits are appended to, with its last slash. */
  readonly rangeUrl: string;
  readonly log: Pick<Logger, "warn">;
}

/** Answers whether the service knows the password from a breach. False, with a warning in the log, when it cannot tell. */
export async function isBreached(password: string, { outbound, rangeUrl, log }: BreachCheck): Promise<boolean> {
  const digest = sha1(normalisePassword(password)).toString("hex").toUpperCase();
  const suffix = digest.slice(prefixDigits);
  try {
    // SECURITY: only five digits of the digest leave, shared by some two thousand leaked passwords.
    const url = `${rangeUrl}${digest.slice(0, prefixDigits)}`;
    const headers = { "add-padding": "true" };
    const { status, body } = await outbound.request({ method: "GET", url, headers, timeoutMs, responseBytesMax });
    const lines = body.toString("latin1").trim().split(/\r?\n/);
    const matches = lines.map((line) => linePattern.exec(line.toUpperCase()));
    if (status !== 200 || matches.some((match) => match === null)) {
      log.warn({ status }, "the breach check gave no usable answer; the password was judged without it");
      return false;
    }
    // Padding lines have the count 0.
    return matches.some((match) => match?.[1] === suffix && Number(match[2]) > 0);
  } catch (error) {
    log.warn({ error }, "the breach check could not be made; the password was judged without it");
    return false;
  }
}
