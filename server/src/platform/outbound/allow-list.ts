// The operator's list of destinations that may be internal or speak plain HTTP. An entry names one host and one port;
// nothing else becomes reachable by it: not another port, not another name of the same machine.

import { isIPv4 } from "node:net";
import { AppError } from "../../kernel/errors.ts";
import { outboundErrors } from "./errors.ts";

export interface HostPort {
  /** As in a URL: lower case, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

export interface AllowList {
  /** `host` as a parsed URL gives it (`URL.hostname`). */
  has(host: string, port: number): boolean;
}

const entryPattern = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@[\]\\%*,]+):(\d{1,5})$/;

/**
 * Reads `host:port, [::1]:9000, 127.0.0.1:9000`, separated by commas or white space. There are no wildcards: a port is
 * a number from 1 to 65535. Throws `outbound.allow_list_invalid` naming the entry that is wrong.
 */
export function parseAllowList(text: string): HostPort[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.map(parseEntry);
}

/** Builds the look-up from entries, which may be written by hand. Throws as `parseAllowList` does. */
export function createAllowList(entries: readonly HostPort[]): AllowList {
  const keys = new Set<string>();
  for (const { host, port } of entries) {
    const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
    const entry = parseEntry(`${bracketed}:${port}`);
    keys.add(`${entry.host}:${entry.port}`);
  }
  return { has: (host, port) => keys.has(`${host}:${port}`) };
}

function parseEntry(entry: string): HostPort {
  const [, host, portText] = entryPattern.exec(entry) ?? [];
  if (host === undefined || portText === undefined)
    throw mistake(entry, "write it as host:port, with a number as port");
  const port = Number(portText);
  if (port < 1 || port > 65535) throw mistake(entry, "the port must be from 1 to 65535");
  const url = URL.parse(`https://${host}/`);
  if (url === null || url.hostname === "") throw mistake(entry, "the host is not a valid name or address");
  if (url.hostname.endsWith(".")) throw mistake(entry, "leave out the dot at the end of the host");
  // `0x7f.1` would otherwise open 127.0.0.1 to somebody who did not mean to.
  if (isIPv4(url.hostname) && url.hostname !== host) throw mistake(entry, `write the address as ${url.hostname}`);
  return { host: url.hostname, port };
}

function mistake(entry: string, what: string): AppError {
  const message = `allowed destination "${entry.slice(0, 100)}": ${what}`;
  return new AppError(outboundErrors.allowListInvalid, {
    detail: message,
    mistakes: [{ path: entry.slice(0, 100), message: what }],
  });
}
