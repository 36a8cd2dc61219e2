// Protection against requests that another site makes a browser send. Three layers, each sufficient alone: the cookie is
// SameSite=Strict and __Host-; Fetch-Metadata, or Origin where a browser does not send it, must name this site; a token
// derived from the session must come in a header, which no other site can read or set.

import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "../kernel/errors.ts";
import type { SessionId } from "../kernel/ids.ts";
import type { Secret } from "../kernel/secret.ts";
import { hmacSha256, isEncodingOf } from "../platform/crypto/hmac.ts";
import { drawBytes } from "../platform/crypto/random.ts";
import { apiErrors } from "./errors.ts";

/** The header that carries the token. */
export const forgeryHeader = "x-parley-csrf";
const tokenPattern = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9+/]{43}=)$/;

/** Which layers hold. Everything, everywhere; a test takes one away to show that the others suffice. */
export interface ForgeryLayers {
  readonly fetchMetadata: boolean;
  readonly token: boolean;
}

export const allLayers: ForgeryLayers = { fetchMetadata: true, token: true };

function toMark(pepper: Secret<Buffer>, sessionId: string, nonce: string): Buffer {
  // The nonce has a fixed length, so no two pairs share a spelling.
  return hmacSha256(pepper.reveal(), `request forgery\0${sessionId}\0${nonce}`);
}

/** A token for one session, or one visit of somebody who has yet to sign in; a fresh spelling every time, so that compression of a page gives nothing away. */
export function issueForgeryToken(pepper: Secret<Buffer>, sessionId: SessionId | `visit:${string}`): string {
  const nonce = drawBytes(16).toString("base64url");
  return `${nonce}.${toMark(pepper, sessionId, nonce).toString("base64")}`;
}

/** Answers whether the token was issued for this session. */
export function isForgeryToken(
  pepper: Secret<Buffer>,
  sessionId: SessionId | `visit:${string}`,
  token: unknown,
): boolean {
  const [, nonce, mark] = typeof token === "string" ? (tokenPattern.exec(token) ?? []) : [];
  return nonce !== undefined && mark !== undefined && isEncodingOf(mark, toMark(pepper, sessionId, nonce), "base64");
}

function isOwnOrigin(headers: IncomingHttpHeaders, publicOrigin: string | undefined): boolean {
  const origin = headers.origin;
  if (origin === undefined) return false;
  // Without a configured address, the host the request was sent to is the only one there is to compare with.
  const host = URL.parse(origin)?.host;
  return publicOrigin === undefined ? host !== undefined && host === headers.host : origin === publicOrigin;
}

/**
 * Throws `api.forged_request` for a changing request that a browser sent on behalf of another site. What no browser sent
 * has neither header and no cookie to abuse; with a cookie (`hasCookie`) one of them is demanded.
 * SECURITY: `same-site` is refused too: a sibling host may be somebody else's.
 */
export function assertSameOrigin(
  headers: IncomingHttpHeaders,
  { publicOrigin, hasCookie }: { publicOrigin: string | undefined; hasCookie: boolean },
): void {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || (site === "none" && headers["sec-fetch-mode"] === "navigate")) return;
  if (site === undefined && (isOwnOrigin(headers, publicOrigin) || (!hasCookie && headers.origin === undefined)))
    return;
  throw new AppError(apiErrors.forgedRequest, { note: `sec-fetch-site ${String(site)}` });
}
