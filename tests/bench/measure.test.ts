import { describe, expect, it } from "vitest";
import { parseStallMs, parseStat } from "./measure.ts";

describe("what a round costs", () => {
  it("reads a process whose name holds spaces and brackets", () => {
    const line = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6 7";
    expect(parseStat(line)).toEqual({ parent: 7, ownMs: 1_200, endedMs: 70 });
  });

  it("takes the sampling interval out of the longest delay, for an idle loop shows it in full", () => {
    expect(parseStallMs('x 1\nnodejs_eventloop_lag_max_seconds{a="b"} 0.035\n')).toBeCloseTo(25);
    expect(parseStallMs("nodejs_eventloop_lag_max_seconds 0.0092")).toBe(0);
  });

  it.each(["", "nodejs_eventloop_lag_max_seconds NaN", "nodejs_eventloop_lag_mean_seconds 0.5"])(
    "tells no stall from %o",
    (metrics) => {
      expect(parseStallMs(metrics)).toBeUndefined();
    },
  );
});
