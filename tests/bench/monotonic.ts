// One clock for all processes of the benchmark: the machine's monotonic clock, which `process.hrtime` reads and which a
// correction of the wall clock does not move. `performance.now` is the same clock since the process began, and cheaper.

const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds on a clock that is the same in every process of this machine. */
export function nowMs(): number {
  return originMs + performance.now();
}
