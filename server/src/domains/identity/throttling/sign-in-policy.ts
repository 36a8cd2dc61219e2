// The figures of sign-in throttling, without state: shared by the counters in memory and by the persistent counter of each
// authenticator.

/** The window in which failures are counted. */
export const windowMs = 15 * 60_000;
/** No wait grows beyond this. */
export const delayMaxMs = 15 * 60_000;
/** Consecutive failures after which an authenticator is no longer accepted (SP 800-63B-4 3.2.2). */
export const consecutiveFailuresMax = 100;

const firstDelayMs = 1_000;

/**
 * How long to wait after so many failures in a row, in milliseconds: nothing for the free ones, then 1 s, doubling, up to
 * 15 minutes.
 */
export function toDelay(failures: number, freeFailures = 3): number {
  const counted = failures - freeFailures;
  return counted <= 0 ? 0 : Math.min(firstDelayMs * 2 ** (counted - 1), delayMaxMs);
}

/**
 * Answers whether an authenticator has failed too often in a row. The caller refuses it then until the person proved
 * themselves another way (a passkey, a reset link), which sets the count back to zero. Signed-in sessions stay.
 */
export function isAuthenticatorSpent(consecutiveFailures: number): boolean {
  return consecutiveFailures >= consecutiveFailuresMax;
}
