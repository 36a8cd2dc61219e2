// Addresses that a link may lead to. `SafeUrl` is what renderers take, and only `parseSafeUrl` makes one: an address that
// nobody checked does not compile.

import { hasUnseen } from "./clean-text.ts";

declare const checked: unique symbol;

/** An https, mailto or tel address as a browser parses it. */
export type SafeUrl = string & { readonly [checked]: true };

const lengthMax = 2048;

/** A host follows the slashes at once; no user info before it (`@`), no host that is written in codes (`%`). */
const web = /^https:\/\/[^/?#@%]+(?:[/?#]|$)/i;
/** One address; of the fields only those that add neither readers nor files (RFC 6068 2). */
const mail = /^mailto:[\w.+-]{1,64}@[a-z\d.-]{1,253}(?:\?(?:subject|body)=[^&#]*(?:&(?:subject|body)=[^&#]*)*)?$/i;
const brokenSubject = /[?&]subject=[^&]*%0[ad]/i;
/** Digits alone: `*` and `#` would run a command of the telephone network. */
const telephone = /^tel:\+?[\d().-]{2,32}$/i;

function toUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * The address, or undefined unless it is an absolute https address without user info, a mailto address of one mailbox, or
 * a tel number. Refuses whatever a browser would drop or rewrite while it parses: white space, controls, backslashes.
 */
export function parseSafeUrl(text: unknown): SafeUrl | undefined {
  if (typeof text !== "string" || text.length > lengthMax) return undefined;
  // SECURITY: a link leads to a web page, a mail program or a telephone, never to a script (CVE-2026-39964).
  if (/[\s\\]/.test(text) || hasUnseen(text)) return undefined;
  if (!web.test(text) && !telephone.test(text) && (!mail.test(text) || brokenSubject.test(text))) return undefined;
  const url = toUrl(text);
  if (url === undefined || !/^(?:https|mailto|tel):$/.test(url.protocol)) return undefined;
  return url.username === "" && url.password === "" ? (url.href as SafeUrl) : undefined;
}

/** What a reader must know of the target: the host, the mailbox's host, or the number. */
export function toTargetHost(url: SafeUrl): string {
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol === "https:") return hostname;
  return protocol === "mailto:" ? pathname.slice(pathname.lastIndexOf("@") + 1).toLowerCase() : pathname;
}
