import { describe, expect, it } from "vitest";
import { type Report, toTable, toText } from "./report.ts";
import type { Round } from "./rounds.ts";
import { toSummary } from "./rounds.ts";

function toRound(messagesPerSecond: number, more: Partial<Round> = {}): Round {
  return {
    ...{ sent: 100, done: 100, lost: 0, duplicates: 0, misdelivered: 0, refused: {}, madeLate: 0 },
    ...{ seconds: 1, messagesPerSecond, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4, rssMiB: 100, peakRssMiB: 120 },
    cpuMsPerMessage: { total: 0.5, server: 0.3, database: 0.2, platform: 0.1, load: 0.1 },
    webhooks: { checked: 0, wrong: 0 },
    malformed: 0,
    stallMaxMs: undefined,
    ...more,
  };
}

describe("the report", () => {
  it("gives the median of the speeds, the most memory, the worst stall and the sum of repeats", () => {
    const rounds = [
      toRound(10, { rssMiB: 90, duplicates: 1, stallMaxMs: 3 }),
      toRound(1_000, { rssMiB: 150, stallMaxMs: 12 }),
      toRound(20, { duplicates: 2, stallMaxMs: 1 }),
    ];
    const expected = { messagesPerSecond: 20, rssMiB: 150, stallMaxMs: 12, duplicates: 3, messages: 300 };
    expect(toSummary(rounds)).toMatchObject(expected);
  });

  it("does not claim a stall of nothing for a server that does not tell", () => {
    expect(toSummary([toRound(1)])).not.toHaveProperty("stallMaxMs");
  });

  it("aligns the figures to the right and shows what is missing as a dash", () => {
    expect(
      toTable([
        ["", "msg/s"],
        ["floor", 3400],
        ["parley", undefined],
      ]),
    ).toBe("        msg/s\nfloor    3400\nparley      -");
  });

  it("shows every section that was measured, and every mistake", () => {
    const summary = toSummary([toRound(50)]);
    const openLoop = { perSecond: 25, messagesPerSecond: 25, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 };
    const result = { apps: 1, floor: toSummary([toRound(100)]), parley: summary, ratio: 0.5, openLoop };
    const report: Report = {
      machine: { cores: 2, model: "cpu", memoryMiB: 1, system: "Linux", node: "v24", fsyncMs: 0.3 },
      settings: { inFlight: 32, rounds: 1, secondsPerRound: 1, members: 10, quick: true },
      results: [{ ...result, withWebhook: { ...result, ratio: 0.4 } }],
      protections: [{ without: "trace", ratio: 1.1, messagesPerSecond: 55, against: 50 }],
      growth: [{ ...summary, storedMessages: 1_000_000 }],
      mistakes: ["1 lost"],
      skipped: ["protections: without rls"],
    };
    const text = toText(report);
    for (const part of [
      "1 app, parley",
      "1 app + webhooks, floor",
      "trace",
      "1000000",
      "1 lost",
      "half load",
      "without rls",
    ]) {
      expect(text).toContain(part);
    }
  });
});
