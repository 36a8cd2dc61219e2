// Who may speak on a custom channel: a Standard Webhooks signature, or the simpler header over the body alone.

import { isEncodingOf } from "../../../../platform/crypto/hmac.ts";
import type { ChannelCredentials, RawInbound } from "../../adapter.ts";
import { findField } from "../credentials.ts";
import { type ChannelKeys, findKeys, signBody, signDelivery } from "./secret.ts";

const toleranceMs = 5 * 60_000;
const signaturesMax = 10;
const standardHeaders = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

/**
 * Answers whether the body was signed with the channel secret. Header names are expected in lower case, as Node gives
 * them; a header sent twice arrives joined and fails.
 * SECURITY: a request with any Standard Webhooks header must pass that scheme, with a time at most 5 minutes away;
 * there is no falling back to the header without a time.
 */
export function isAuthentic(request: RawInbound, credentials: ChannelCredentials): boolean {
  const keys = findKeys(findField(credentials, "channelSecret"));
  if (keys === undefined || request.body.length === 0) return false;
  const isStandard = standardHeaders.some((name) => request.headers[name] !== undefined);
  return isStandard ? isStandardSignature(request, keys) : isSimpleSignature(request, keys);
}

function isSimpleSignature(request: RawInbound, keys: ChannelKeys): boolean {
  const signature = findField(request.headers, "x-woztell-signature");
  return signature !== undefined && isEncodingOf(signature, signBody(keys, request.body), "base64");
}

/** Standard Webhooks 1.0.0, "Verifying webhook authenticity": any one of up to 10 `v1` signatures suffices. */
function isStandardSignature(request: RawInbound, keys: ChannelKeys): boolean {
  const [id, timestamp, signatures] = standardHeaders.map((name) => findField(request.headers, name));
  if (id === undefined || timestamp === undefined || signatures === undefined) return false;
  // A dot in the id would let one signature stand for two readings of `id.timestamp.body`.
  if (!/^[!-\-/-~]{1,256}$/.test(id) || !isNear(timestamp, request.receivedAtMs)) return false;
  const expected = signDelivery(keys, { id, timestamp, body: request.body });
  const given = signatures.split(" ");
  // A header sent twice arrives joined by a comma, which no entry may end in.
  if (given.length > signaturesMax || !given.every((entry) => /^\w+,[^\s,]+$/.test(entry))) return false;
  return given.some((entry) => entry.startsWith("v1,") && isEncodingOf(entry.slice(3), expected, "base64"));
}

function isNear(timestamp: string, receivedAtMs: number): boolean {
  return /^[1-9]\d{0,11}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - receivedAtMs) <= toleranceMs;
}
