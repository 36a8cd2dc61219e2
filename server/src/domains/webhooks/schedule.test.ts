import { describe, expect, it } from "vitest";
import { createManualClock } from "../../kernel/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { Dispatcher, type Work } from "../../platform/dispatch/index.ts";
import { Backoff } from "./backoff.ts";
import { attemptsMax, isTriedAgain, retryDelaysMs } from "./schedule.ts";

const publishedSeconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Runs one delivery that always fails through its whole schedule. Returns when it was tried, in milliseconds. */
async function runSchedule(): Promise<number[]> {
  const clock = createManualClock(0);
  const triedAtMs: number[] = [];
  const released: number[] = [];
  const dispatcher = new Dispatcher<Work>({
    clock,
    attempt: async (work) => {
      triedAtMs.push(clock.nowMs());
      return isTriedAgain(work.attempts) ? { kind: "retry" } : { kind: "failed" };
    },
    release: async (_work, dueAtMs) => {
      released.push(dueAtMs);
    },
    ...{ targetSlots: 1, targetBacklogMax: 10, backlogMax: 10, retryDelaysMs },
  });
  for (let attempts = 0; attempts < 20; attempts += 1) {
    dispatcher.add([{ lane: "one", target: "endpoint", attempts }], "claimed");
    await new Promise((resolve) => setImmediate(resolve));
    const dueAtMs = released.shift();
    if (dueAtMs === undefined) break;
    clock.advance(dueAtMs - clock.nowMs());
  }
  await dispatcher.stop(0);
  return triedAtMs;
}

describe("the retry schedule", () => {
  it("makes ten attempts within a tenth of the published table, over 75 hours and more", async () => {
    const triedAtMs = await runSchedule();
    expect(triedAtMs).toHaveLength(attemptsMax);
    expect(triedAtMs).toHaveLength(10);
    for (const [index, seconds] of publishedSeconds.entries()) {
      const waitedMs = (triedAtMs[index + 1] ?? 0) - (triedAtMs[index] ?? 0);
      expect(waitedMs).toBeGreaterThanOrEqual(seconds * 900);
      expect(waitedMs).toBeLessThanOrEqual(seconds * 1_100);
    }
    expect(publishedSeconds.reduce((sum, seconds) => sum + seconds)).toBe(75 * 3_600 + 35 * 60 + 5);
  });

  it("does not bring back together what failed together", async () => {
    const first = await runSchedule();
    const second = await runSchedule();
    expect(first[9]).not.toBe(second[9]);
  });
});

describe("waiting for an endpoint that keeps failing", () => {
  it("grows with every failure up to some minutes, and ends with a success", () => {
    const clock = createManualClock(1_000_000);
    const backoff = new Backoff(clock);
    const endpointId = newId("endpoint");
    for (let failures = 0; failures < 4; failures += 1) backoff.fail(endpointId);
    expect(backoff.earliestMs(endpointId)).toBe(0);
    backoff.fail(endpointId);
    const firstMs = backoff.earliestMs(endpointId) - clock.nowMs();
    expect(firstMs).toBeGreaterThanOrEqual(2_500);
    expect(firstMs).toBeLessThanOrEqual(7_500);
    for (let failures = 0; failures < 50; failures += 1) backoff.fail(endpointId);
    const lastMs = backoff.earliestMs(endpointId) - clock.nowMs();
    expect(lastMs).toBeGreaterThanOrEqual(150_000);
    expect(lastMs).toBeLessThanOrEqual(450_000);
    expect(backoff.earliestMs(newId("endpoint"))).toBe(0);
    backoff.succeed(endpointId);
    expect(backoff.earliestMs(endpointId)).toBe(0);
  });
});
