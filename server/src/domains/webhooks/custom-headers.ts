// Headers an owner adds to every delivery, usually a credential of theirs. What frames the message, belongs to one hop or
// carries a signature is not theirs to set.

import type { FieldMistake } from "../../kernel/errors.ts";

export const headerBounds = { count: 20, nameLength: 64, valueLength: 2048 } as const;

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110 5.6.2
const valuePattern = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/; // RFC 9110 5.5, ASCII, no space at the ends

const reserved = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
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
  "user-agent",
  "x-google-metadata-request",
  "x-woztell-signature",
]);
const reservedPrefixes = ["proxy-", "webhook-", "x-aws-ec2-metadata-token"];

function findMistake(name: string, value: string): string | undefined {
  const key = name.toLowerCase();
  if (name.length > headerBounds.nameLength || !namePattern.test(name)) return "is not the name of a header";
  // SECURITY: nobody adds a header of the signature, of framing or of a metadata service, nor a second line.
  if (reserved.has(key) || reservedPrefixes.some((prefix) => key.startsWith(prefix))) return "is reserved";
  if (value.length > headerBounds.valueLength) return `is longer than ${headerBounds.valueLength} characters`;
  return valuePattern.test(value) ? undefined : "may hold printable ASCII only, and no line break";
}

/** What is wrong with custom headers; empty when they may be saved. Mistakes name the header, never its value. */
export function listHeaderMistakes(headers: Readonly<Record<string, string>>): FieldMistake[] {
  const entries = Object.entries(headers);
  const mistakes: FieldMistake[] = [];
  if (entries.length > headerBounds.count) {
    mistakes.push({ path: "headers", message: `holds more than ${headerBounds.count} headers` });
  }
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    const path = `headers.${name.slice(0, headerBounds.nameLength).replace(/[^\x20-\x7e]/g, "?")}`;
    const message = seen.has(name.toLowerCase()) ? "is given twice" : findMistake(name, value);
    seen.add(name.toLowerCase());
    if (message !== undefined) mistakes.push({ path, message });
  }
  return mistakes;
}
