// The links of letters. They begin with the configured public address and nothing else: what a request says about the host
// is never asked, so nobody can have a reset link sent that leads to them.

import { AppError } from "../../kernel/errors.ts";
import { type Link, link } from "../../platform/html/index.ts";
import { noticeErrors } from "./errors.ts";

const path = /^(?:\/[A-Za-z0-9_-]+)+$/;
const loopback = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/;
let make: (address: string, site: string) => LetterLink;

/** A link that may stand in a letter. Only `toLink` makes one. */
export class LetterLink {
  #address = "";
  #site = "";

  private constructor() {}

  static {
    make = (address, site) => {
      const made = new LetterLink();
      made.#address = address;
      made.#site = site;
      return made;
    };
  }

  toString(): string {
    return this.#address;
  }

  toHtmlLink(): Link {
    return link(this.#address);
  }

  /** The host it leads to, with its port. */
  get site(): string {
    return this.#site;
  }
}

/**
 * The link to `path` of this server, with `params` as its query. `publicUrl` is PARLEY_PUBLIC_URL. Throws
 * `notices.link_refused` for a public address in clear text (but on loopback), and for a path with anything but plain
 * segments.
 */
export function toLink(publicUrl: string, to: string, params: Readonly<Record<string, string>> = {}): LetterLink {
  const base = URL.parse(publicUrl);
  // SECURITY: a secret travels only to the configured origin, and never in clear text over a network (CVE-2026-41275).
  const isSafe = base?.protocol === "https:" || (base?.protocol === "http:" && loopback.test(base.hostname));
  const isPlain = base?.username === "" && base.password === "" && base.search === "" && base.hash === "";
  if (base === null || !isSafe || !isPlain || !path.test(to)) throw new AppError(noticeErrors.linkRefused);
  const query = new URLSearchParams(params).toString();
  const folder = base.pathname.replace(/\/+$/, "");
  return make(`${base.origin}${folder}${to}${query === "" ? "" : `?${query}`}`, base.host);
}
