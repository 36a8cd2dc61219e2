import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMedian, toPercentile, toRounded } from "./statistics.ts";

const figures = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 });

describe("the statistics of the report", () => {
  it("takes the middle value, or the mean of the two middle ones, in whatever order they come", () => {
    expect(toMedian([9, 1, 5])).toBe(5);
    expect(toMedian([10, 1, 4, 2])).toBe(3);
    expect(toMedian([])).toBe(0);
  });

  it("leaves the rounds it is given in their order", () => {
    const rounds = [3, 1, 2];
    toMedian(rounds);
    expect(rounds).toEqual([3, 1, 2]);
  });

  it("takes percentiles by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([50, 95, 99, 100].map((percent) => toPercentile(hundred, percent))).toEqual([50, 95, 99, 100]);
    expect(toPercentile([7], 99)).toBe(7);
    expect(toPercentile([], 99)).toBe(0);
  });

  it("has at least the asked share at or below every percentile, and less than that below it", () => {
    fc.assert(
      fc.property(figures, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = Float64Array.from(values).sort();
        const found = toPercentile(sorted, percent);
        const wanted = (percent / 100) * sorted.length;
        expect(sorted.filter((value) => value <= found).length).toBeGreaterThanOrEqual(wanted - 1e-9);
        expect(sorted.filter((value) => value < found).length).toBeLessThan(wanted);
      }),
    );
  });

  it("rounds to a number, not to a text", () => {
    expect(toRounded(1.23456, 2)).toBe(1.23);
  });
});
