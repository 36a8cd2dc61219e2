import { describe, expect, it } from "vitest";
import { compareRanks, findNoticedDelay } from "./rank-test.ts";

const ascending = Array.from({ length: 30 }, (_, index) => index + 1);

describe("the comparison of ranks", () => {
  // The figures are those of scipy.stats.mannwhitneyu(first, second, method="asymptotic").
  it.each([
    { first: [19, 22, 16, 29, 24], second: [20, 11, 17, 12], u: 17, p: 0.11134688653314041 },
    { first: [1, 2, 2, 3, 3, 3, 4], second: [2, 3, 4, 4, 5, 5, 6, 6], u: 8.5, p: 0.025144761173357368 },
    { first: ascending, second: ascending.map((value) => value + 5.5), u: 300, p: 0.027086318388295935 },
    { first: [1, 1, 1], second: [1, 1, 1], u: 4.5, p: 1 },
    {
      first: [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
      second: [1.15, 0.88, 0.9, 0.74, 1.21],
      u: 35,
      p: 0.24462360512698333,
    },
  ])("comes to U = $u, p = $p as others compute it, with ties and without", ({ first, second, u, p }) => {
    const found = compareRanks(first, second);
    expect(found.u).toBe(u);
    expect(Math.abs(found.p - p)).toBeLessThan(1e-6);
    expect(compareRanks(second, first).p).toBeCloseTo(found.p, 12);
  });

  it("says from which delay on it would notice one", () => {
    expect(findNoticedDelay(ascending, ascending, 0.01)).toBe(7);
    expect(
      compareRanks(
        ascending,
        ascending.map((value) => value + 7),
      ).p,
    ).toBeLessThan(0.01);
    expect(
      compareRanks(
        ascending,
        ascending.map((value) => value + 5),
      ).p,
    ).toBeGreaterThan(0.01);
  });
});
