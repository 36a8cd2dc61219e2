// Headers in and out. A caller may not send headers that frame the message, steer a proxy or unlock a cloud's metadata
// service, nor smuggle a second header through a line break. There is no cookie jar and no content coding.

import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "../../kernel/errors.ts";
import { outboundErrors } from "./errors.ts";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110 5.6.2
const value = /^[\t\x20-\x7e\x80-\xff]*$/; // RFC 9110 5.5
const refused = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "metadata",
  "metadata-flavor",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-google-metadata-request",
]);
const refusedPrefixes = ["proxy-", "x-aws-ec2-metadata-token"];

/**
 * The header lines to send, as name, value, name, value. Throws `outbound.header_refused` naming the header that is
 * malformed, given twice or reserved to the client.
 */
export function toRequestHeaders(headers: Readonly<Record<string, string>>): string[] {
  const lines = ["accept-encoding", "identity"];
  const seen = new Set<string>();
  for (const [name, text] of Object.entries(headers)) {
    const key = name.toLowerCase();
    // SECURITY: no line break, framing, proxy or metadata header ever leaves through a caller's headers.
    if (!token.test(name)) throw refuse(name, "its name has characters that are not permitted");
    if (typeof text !== "string" || !value.test(text)) throw refuse(name, "its value has characters not permitted");
    if (refused.has(key) || refusedPrefixes.some((prefix) => key.startsWith(prefix))) {
      throw refuse(name, "it is reserved and cannot be set");
    }
    if (seen.has(key)) throw refuse(name, "it is given twice");
    seen.add(key);
    lines.push(key, text);
  }
  if (!seen.has("user-agent")) lines.push("user-agent", "parley");
  return lines;
}

/** The response's headers by lower-case name, repeated ones joined with a comma. Cookies are left out. */
export function toResponseHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  // Without a prototype, so that a peer's `constructor` or `__proto__` is a plain key.
  const result: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(headers)) {
    if (text === undefined || name === "set-cookie") continue;
    result[name] = typeof text === "string" ? text : text.join(", ");
  }
  return result;
}

function refuse(name: string, what: string): AppError {
  const shown = name.slice(0, 64).replace(/[^\x20-\x7e]/g, "?");
  const message = `The header "${shown}" cannot be sent: ${what}.`;
  return new AppError(outboundErrors.headerRefused, {
    detail: message,
    mistakes: [{ path: `headers.${shown}`, message: what }],
  });
}
