// The benchmark's time. The monotonic clock has one zero for every process of a machine, so a time taken in the mock
// platform can be subtracted from one taken in the load generator; wall clocks may step and process-relative ones differ.

/** Milliseconds with nanosecond digits, from the same zero in every process of this machine. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
