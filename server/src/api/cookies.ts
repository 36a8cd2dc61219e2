// Cookies: a session, a name for a device that signed in before, and what pages keep of a visit. All are __Host- cookies
// (RFC 6265bis 4.1.3): this host only, over a secure connection only, never readable by script, never sent by other sites.

import type { SessionAnswer } from "../kernel/operation.ts";

const sessionName = "__Host-parley";
const deviceName = "__Host-parley-device";
const deviceSeconds = 400 * 86_400;
const cookieLengthMax = 4096;
const valuePattern = /^[A-Za-z0-9_-]{16,128}$/;

export interface Cookies {
  readonly session: string | undefined;
  readonly device: string | undefined;
}

/**
 * One of our cookies from a Cookie header. SECURITY: a name that is given twice has no value; somebody else may have set
 * one.
 */
export function readCookie(header: string | undefined, wanted: `__Host-parley${string}`): string | undefined {
  const values = (header ?? "")
    .slice(0, cookieLengthMax)
    .split(";")
    .map((pair) => [pair.slice(0, Math.max(0, pair.indexOf("="))).trim(), pair.slice(pair.indexOf("=") + 1).trim()])
    .flatMap(([name, value]) => (name === wanted ? [value ?? ""] : []));
  const [value] = values;
  return values.length === 1 && value !== undefined && valuePattern.test(value) ? value : undefined;
}

/** The session and the device of a request. */
export function readCookies(header: string | undefined): Cookies {
  return { session: readCookie(header, sessionName), device: readCookie(header, deviceName) };
}

/** Which attributes are set; the tests of the other layers of protection against forged requests take SameSite away. */
export interface CookiePolicy {
  readonly sameSite: "Strict" | "None";
}

export const strictCookies: CookiePolicy = { sameSite: "Strict" };

/** The spelling of one of our cookies; `seconds` is how long the browser keeps it, until it closes unless said. */
export function toCookie(
  name: `__Host-parley${string}`,
  value: string,
  policy: CookiePolicy & { seconds?: number },
): string {
  const age = policy.seconds === undefined ? "" : `; Max-Age=${policy.seconds}`;
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${policy.sameSite}${age}`;
}

/** The headers of an answer that begins, renews or ends a session. */
export function listSessionHeaders(answer: SessionAnswer<unknown>, policy: CookiePolicy): [string, string][] {
  const headers: [string, string][] = [];
  if (answer.session === undefined) {
    headers.push(["set-cookie", toCookie(sessionName, "", { ...policy, seconds: 0 })]);
    headers.push(["clear-site-data", '"cache", "storage"']);
  } else {
    headers.push(["set-cookie", toCookie(sessionName, answer.session.reveal(), policy)]);
  }
  if (answer.deviceToken !== undefined) {
    const value = answer.deviceToken.reveal();
    headers.push(["set-cookie", toCookie(deviceName, value, { ...policy, seconds: deviceSeconds })]);
  }
  return headers;
}
