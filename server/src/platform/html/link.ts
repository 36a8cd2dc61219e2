// Addresses that may stand in a page or letter. A `Link` is the only thing the template puts where a browser follows an
// address, and only these functions make one.

import { parseSafeUrl, type SafeUrl } from "@parley/richtext";
import { AppError } from "../../kernel/errors.ts";
import { htmlErrors } from "./errors.ts";

const protocols = new Set(["https:", "http:", "mailto:"]);
const unsafe = /[\p{Cc}\s\\]/u; // a browser drops or rewrites these while it parses
const lengthMax = 4096;
let make: (address: string) => Link;

export class Link {
  #address = "";

  private constructor() {}

  static {
    make = (address) => {
      const made = new Link();
      made.#address = address;
      return made;
    };
  }

  /** The address as a browser parsed it, not yet escaped. */
  toString(): string {
    return this.#address;
  }
}

/** The link, or undefined unless it is an absolute https, http or mailto address without a password in it. */
export function findLink(address: string): Link | undefined {
  if (typeof address !== "string" || address.length > lengthMax || unsafe.test(address)) return undefined;
  const parsed = URL.parse(address);
  // SECURITY: a link leads to a web page or a mail program, never to a script (CVE-2026-39964).
  if (parsed === null || !protocols.has(parsed.protocol)) return undefined;
  return parsed.username === "" && parsed.password === "" ? make(parsed.href) : undefined;
}

/** The link. Throws `html.link_refused` unless it is an absolute https, http or mailto address. */
export function link(address: string): Link {
  const found = findLink(address);
  if (found === undefined) throw new AppError(htmlErrors.linkRefused);
  return found;
}

/** The link to an address of a text, which may be a telephone number too. Throws `html.link_refused` for one nobody checked. */
export function textLink(url: SafeUrl): Link {
  const checked = parseSafeUrl(url);
  if (checked === undefined) throw new AppError(htmlErrors.linkRefused);
  return make(checked);
}

/** A link to a path of this server: `/reset?token=...`. Throws `html.link_refused` for anything that could leave it. */
export function localLink(path: string): Link {
  const base = "http://local.invalid";
  const parsed = unsafe.test(path) || !/^\/(?!\/)/.test(path) ? null : URL.parse(path, base);
  if (parsed === null || parsed.origin !== base || path.length > lengthMax || parsed.pathname.startsWith("//")) {
    throw new AppError(htmlErrors.linkRefused);
  }
  return make(parsed.href.slice(base.length));
}
