// Who may speak for WhatsApp: the signature of every POST and the ownership check by GET.
// Scheme: developers.facebook.com, WhatsApp webhooks, "Create a webhook endpoint".

import { hmacSha256, isEncodingOf, isEqualInConstantTime, sha256 } from "../../../../platform/crypto/hmac.ts";
import type { ChannelCredentials, RawInbound } from "../../adapter.ts";
import { findField } from "../credentials.ts";

const scheme = "sha256=";

/**
 * Answers whether `X-Hub-Signature-256` is `sha256=` and the lower-case hex of HMAC-SHA-256 over the raw body with the
 * app secret. Header names are expected in lower case, as Node gives them; a header sent twice arrives joined and fails.
 * SECURITY: false without a secret, without a body, and for every other spelling.
 */
export function isAuthentic(request: RawInbound, credentials: ChannelCredentials): boolean {
  const secret = findField(credentials, "appSecret");
  const header = findField(request.headers, "x-hub-signature-256");
  if (secret === undefined || header === undefined || request.body.length === 0) return false;
  if (!header.startsWith(scheme)) return false;
  return isEncodingOf(header.slice(scheme.length), hmacSha256(secret, request.body), "hex");
}

/**
 * The challenge to echo when `hub.mode` is `subscribe` and the verify token is ours, otherwise undefined. Only 1 to 128
 * letters, digits, `-` and `_` are echoed: the answer comes from our origin and must not carry markup.
 * SECURITY: the token is compared by digest, so not even its length can be timed.
 */
export function answerHandshake(
  query: Readonly<Record<string, string | undefined>>,
  credentials: ChannelCredentials,
): string | undefined {
  const expected = findField(credentials, "verifyToken");
  const given = findField(query, "hub.verify_token");
  const challenge = findField(query, "hub.challenge");
  if (expected === undefined || given === undefined || challenge === undefined) return undefined;
  const isOurs = isEqualInConstantTime(sha256(given), sha256(expected));
  const isAsked = findField(query, "hub.mode") === "subscribe" && /^[\w-]{1,128}$/.test(challenge);
  return isOurs && isAsked ? challenge : undefined;
}
