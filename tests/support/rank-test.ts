// Whether two series of times can be told apart: the Mann-Whitney U test, two-sided, by the normal approximation with the
// corrections for ties and continuity. It looks at ranks only, so the few answers that a busy machine delays by a hundred
// times weigh no more than any other.

/** The complementary error function; off by less than 1.2e-7 of its value everywhere (Numerical Recipes 6.2.2). */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const terms = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
  ];
  const value = t * Math.exp(terms.reduce((sum, term) => sum * t + term, 0) - x * x);
  return x >= 0 ? value : 2 - value;
}

interface Ranked {
  /** The sum of the ranks of the first series; equal values share the mean of theirs. */
  readonly sum: number;
  /** The sum of t^3 - t over every group of t equal values. */
  readonly ties: number;
}

function rank(first: readonly number[], second: readonly number[]): Ranked {
  const all = [
    ...first.map((value) => ({ value, isFirst: 1 })),
    ...second.map((value) => ({ value, isFirst: 0 })),
  ].toSorted((a, b) => a.value - b.value);
  let [sum, ties] = [0, 0];
  for (let from = 0, to = 0; from < all.length; from = to) {
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    const count = to - from;
    const ofFirst = all.slice(from, to).reduce((total, { isFirst }) => total + isFirst, 0);
    // Ranks begin at 1: those of this group run from `from + 1` to `to`.
    sum += (ofFirst * (from + 1 + to)) / 2;
    ties += count ** 3 - count;
  }
  return { sum, ties };
}

export interface RankTest {
  /** The U of the first series. */
  readonly u: number;
  /** How often chance alone would part two series of one source as far as these. */
  readonly p: number;
}

/** Compares two series of at least eight values; of fewer the approximation says little. */
export function compareRanks(first: readonly number[], second: readonly number[]): RankTest {
  const [n, m] = [first.length, second.length];
  const { sum, ties } = rank(first, second);
  const u = sum - (n * (n + 1)) / 2;
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { u, p: variance === 0 ? 1 : Math.min(1, erfc(distance / Math.sqrt(2 * variance))) };
}

const delays = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500];

/**
 * What the comparison can see: the least delay in milliseconds which, added to every time of either series, would have
 * been found at `level`. Infinity when half a second would not have been.
 */
export function findNoticedDelay(first: readonly number[], second: readonly number[], level: number): number {
  const isNoticed = (delay: number): boolean => {
    const later = (times: readonly number[]): number[] => times.map((time) => time + delay);
    return compareRanks(later(first), second).p <= level && compareRanks(first, later(second)).p <= level;
  };
  return delays.find(isNoticed) ?? Number.POSITIVE_INFINITY;
}
