// The few statistics of the report. Percentiles are by nearest rank, so each is a value that was measured.

/** The value at or below which `percent` (0 to 100) of the ascending `sorted` lie; 0 of nothing. */
export function toPercentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? 0;
}

/** The middle value, or the mean of the two middle ones; 0 of nothing. */
export function toMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** `value` with so many decimals, as a number. */
export function toRounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
