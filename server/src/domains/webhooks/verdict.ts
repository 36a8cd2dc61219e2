// What an endpoint's answer means. 2xx is success and nothing else: a redirect is not followed and counts as a failure.
// 410 says that the endpoint is gone for good; 429 and 503 may say when to come back (RFC 9110 10.2.3).

import type { OutboundResponse } from "../../platform/outbound/index.ts";
import { retryAfterMsMax } from "./schedule.ts";

export type Verdict =
  | { readonly kind: "delivered" }
  /** The endpoint wants no more deliveries, ever. */
  | { readonly kind: "gone" }
  | { readonly kind: "retry"; readonly afterMs?: number };

/** Reads an answer. */
export function toVerdict(response: Pick<OutboundResponse, "status" | "headers">, nowMs: number): Verdict {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 410) return { kind: "gone" };
  const afterMs = status === 429 || status === 503 ? findRetryAfterMs(headers["retry-after"], nowMs) : undefined;
  return { kind: "retry", ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Milliseconds of a `Retry-After` in seconds or as a date, a day at most; undefined when there is none or it is malformed. */
function findRetryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9]{1,10}$/.test(text)) return Math.min(Number(text) * 1000, retryAfterMsMax);
  const isDate = /^[A-Za-z]{3}, [0-9]{2} [A-Za-z]{3} [0-9]{4} [0-9:]{8} GMT$/.test(text);
  const atMs = isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(atMs - nowMs, 0), retryAfterMsMax);
}
