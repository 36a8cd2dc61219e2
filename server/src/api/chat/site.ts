// From which site a chat request comes: the origin of the page that shows the chat. A page that calls by itself says it by
// `Origin`, which no script can forge; our own frame is always of our origin, and names the page whose message reached it.

import type { IncomingHttpHeaders } from "node:http";

/** How our own frame names the page around it. */
export const siteHeader = "parley-site";

export interface SiteOptions {
  /** `https://parley.example.com`; undefined where none is configured, then the host that was asked is ours. */
  readonly publicOrigin: string | undefined;
}

export interface RequestSite {
  /** The page's origin. */
  readonly site: string;
  /** The request's own origin where it is not ours: only such a page needs to be let in by CORS. */
  readonly foreignOrigin: string | undefined;
}

function isOwn(origin: string, headers: IncomingHttpHeaders, { publicOrigin }: SiteOptions): boolean {
  if (publicOrigin !== undefined && origin === publicOrigin) return true;
  const host = URL.parse(origin)?.host;
  return publicOrigin === undefined && host !== undefined && host === headers.host;
}

function readOne(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * The site of a request; undefined when it says none.
 * SECURITY: a request of another origin is of that origin, whatever else it says.
 */
export function findSite(headers: IncomingHttpHeaders, options: SiteOptions): RequestSite | undefined {
  const origin = readOne(headers.origin);
  const named = readOne(headers[siteHeader]);
  if (origin !== undefined && !isOwn(origin, headers, options)) return { site: origin, foreignOrigin: origin };
  // A browser leaves `Origin` out of a GET to the page's own origin; nothing else may do without it.
  if (origin === undefined && readOne(headers["sec-fetch-site"]) !== "same-origin") return undefined;
  const site = named ?? origin;
  return site === undefined ? undefined : { site, foreignOrigin: undefined };
}
