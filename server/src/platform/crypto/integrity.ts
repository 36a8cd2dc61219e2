// Subresource Integrity: the hash by which a page says which bytes it means (W3C SRI 3.1).

import { createHash } from "node:crypto";

const form = /^sha(256|384|512)-[A-Za-z0-9+/]+={0,2}$/;

/** `sha384-...` of `data`, for the attribute `integrity`. */
export function toIntegrity(data: string | Buffer): string {
  return `sha384-${createHash("sha384").update(data).digest("base64")}`;
}

/** Answers whether `integrity` names exactly these bytes. Malformed text is false. */
export function isIntegrityOf(integrity: string, data: string | Buffer): boolean {
  const bits = form.exec(integrity)?.[1];
  if (bits === undefined) return false;
  return integrity === `sha${bits}-${createHash(`sha${bits}`).update(data).digest("base64")}`;
}
