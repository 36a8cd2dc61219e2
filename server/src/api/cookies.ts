// The two cookies of the product: a session, and a name for a device that signed in before. Both are __Host- cookies
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
 * Reads both from a Cookie header. SECURITY: a name that is given twice has no value; somebody else may have set one.
 */
export function readCookies(header: string | undefined): Cookies {
  const found = new Map<string, string | undefined>();
  for (const pair of (header ?? "").slice(0, cookieLengthMax).split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    const value = pair.slice(at + 1).trim();
    if (name !== sessionName && name !== deviceName) continue;
    found.set(name, found.has(name) || !valuePattern.test(value) ? undefined : value);
  }
  return { session: found.get(sessionName), device: found.get(deviceName) };
}

/** Which attributes are set; the tests of the other layers of protection against forged requests take SameSite away. */
export interface CookiePolicy {
  readonly sameSite: "Strict" | "None";
}

export const strictCookies: CookiePolicy = { sameSite: "Strict" };

function toCookie(name: string, value: string, policy: CookiePolicy & { seconds?: number }): string {
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
