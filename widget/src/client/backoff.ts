// How long to wait before the next try: doubling from half a second to half a minute, drawn at random over the upper half,
// so that a server which comes back is not met by everybody at once.

const firstMs = 500;
const lastMs = 30_000;

/** The wait in milliseconds before try number `attempt` (1: the first repetition). */
export function waitMs(attempt: number, randomBytes: (count: number) => Uint8Array): number {
  const whole = Math.min(lastMs, firstMs * 2 ** Math.min(attempt - 1, 10));
  return Math.round(whole / 2 + ((randomBytes(1)[0] ?? 0) / 255) * (whole / 2));
}
