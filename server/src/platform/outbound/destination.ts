// Decides from the text of a URL, without DNS, whether it may be called at all. The URL is parsed once and the parts
// of that one parse are what is connected to, so no two parsers can disagree about the host.

import { isIP } from "node:net";
import { isPublicAddress } from "./addresses.ts";
import type { AllowList } from "./allow-list.ts";
import { createRefusal } from "./errors.ts";

export interface Destination {
  readonly origin: string;
  /** Path and query. The fragment is never sent. */
  readonly path: string;
  /** `host:port` for the log: a path may hold a token. */
  readonly where: string;
}

const urlCharactersMax = 8192;
const publicPorts = new Set([443, 8443]);
// One `//`, then an authority without user information, percent signs or backslashes.
const plainAuthority = /^https?:\/\/[^/?#\\@%]+(?:[/?#]|$)/i;
// Two labels or more. A name without a dot, or with one at its end, exists only for search lists and resolver tricks.
const fullName = /^(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/;
const controlCharacter = /\p{Cc}/u;
// Names that mean "this machine" or "this network" (RFC 6761, RFC 8375, RFC 9476 and clouds' metadata hosts).
const localSuffix = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home\.arpa|onion|alt|invalid)$/;

/**
 * Reads `text` and throws `outbound.not_allowed` unless it is https to a public host on port 443 or 8443, or its exact
 * host and port are on the operator's list, which also permits http. Names are judged again when they are resolved.
 */
export function parseDestination(text: string, allow: AllowList): Destination {
  if (text.length > urlCharactersMax) throw createRefusal("the URL is too long");
  if (controlCharacter.test(text) || !plainAuthority.test(text)) throw createRefusal("the URL is not plainly written");
  const url = URL.parse(text);
  if (url === null) throw createRefusal("the URL does not parse");
  if (url.username !== "" || url.password !== "") throw createRefusal("the URL holds user information");
  const port = toPort(url);
  if (!allow.has(url.hostname, port)) assertPublicDestination(url, port);
  return { origin: url.origin, path: url.pathname + url.search, where: `${url.hostname}:${port}` };
}

/** The host of a URL without the brackets of IPv6. */
export function toBareHost(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

function toPort(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

function assertPublicDestination(url: URL, port: number): void {
  if (url.protocol !== "https:") throw createRefusal("the scheme is not https");
  if (!publicPorts.has(port)) throw createRefusal(`port ${port} is neither 443 nor 8443`);
  const host = toBareHost(url.hostname);
  // SECURITY: the network stack does not resolve literal addresses, so they are judged here and in the connector.
  if (isIP(host) !== 0) {
    if (!isPublicAddress(host)) throw createRefusal("the address is not public");
    return;
  }
  if (host.length > 253 || !fullName.test(host)) throw createRefusal("the host is not a full public name");
  if (localSuffix.test(host)) throw createRefusal("the host name is local by definition");
}
