// When a delivery is tried: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each a tenth more
// or less (Standard Webhooks 1.0.0, "Deliverability and reliability"). Ten attempts over 75 hours and 35 minutes.

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Milliseconds until the next attempt, by attempts made before the one that failed. */
export const retryDelaysMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

export const attemptsMax = retryDelaysMs.length + 1;

/** How long an endpoint may do nothing but fail before it is switched off. */
export const failingMsMax = 5 * 24 * hourMs;

/** What an endpoint may ask for with `Retry-After`. */
export const retryAfterMsMax = 24 * hourMs;

/** Answers whether a delivery that just failed is tried again. `attempts` does not count the failed one. */
export function isTriedAgain(attempts: number): boolean {
  return attempts + 1 < attemptsMax;
}
