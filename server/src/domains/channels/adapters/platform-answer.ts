// Reads a platform's answer without trusting it: the body may be anything, the waiting time may be absurd.

const bodyBytesMax = 256 * 1024;
/** The longest a platform may ask us to wait: an hour. */
export const retryAfterMsMax = 3_600_000;

export interface PlatformAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The answer's JSON; undefined when the body is not JSON or over 256 KiB. Never throws. */
export function findAnswerJson(body: Buffer): unknown {
  if (body.length === 0 || body.length > bodyBytesMax) return undefined;
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The wait in `Retry-After` (RFC 9110 10.2.3) in ms, at most an hour; undefined when missing or unreadable. A date is
 * measured against the answer's own `Date`, so that a clock that differs from ours does no harm.
 */
export function findRetryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const text = findHeader(headers, "retry-after");
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * 1000, retryAfterMsMax);
  const waitMs = Date.parse(text) - Date.parse(findHeader(headers, "date") ?? "");
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), retryAfterMsMax) : undefined;
}

function findHeader(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const value: unknown = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === "string" ? value.trim() : undefined;
}

/** Answers whether the status means "later may work": 408, 425, 429, any 5xx, and what is no final status at all. */
export function isPassingStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500 || status < 200;
}
