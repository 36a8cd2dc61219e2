import { describe, expect, it } from "vitest";
import { RateLimits, rateTable } from "./rate-limits.ts";
import { sampleActor } from "./testing/sample-api.ts";

describe("rate limits", () => {
  it("do not charge an app with what its runaway token may not do", async () => {
    const limits = new RateLimits({ ...rateTable, read: { perCaller: 2, perTenant: 4, seconds: 60 } });
    for (let i = 0; i < 10; i++) await limits.count(sampleActor, "read", "192.0.2.1");
    const other = { ...sampleActor, tokenId: `tok_${"7".repeat(32)}` as const };
    expect(await limits.count(other, "read", "192.0.2.1")).toMatchObject({ remaining: 1, isExceeded: false });
  });

  it("hold for the app when it spreads its requests over many tokens", async () => {
    const limits = new RateLimits({ ...rateTable, read: { perCaller: 2, perTenant: 4, seconds: 60 } });
    const standings = [];
    for (let i = 0; i < 5; i++) {
      standings.push(
        await limits.count({ ...sampleActor, tokenId: `tok_${String(i).repeat(32)}` }, "read", "192.0.2.1"),
      );
    }
    expect(standings.map((standing) => standing.isExceeded)).toEqual([false, false, false, false, true]);
  });

  it("count each class of operation apart", async () => {
    const limits = new RateLimits({ ...rateTable, write: { perCaller: 1, perTenant: 1, seconds: 60 } });
    await limits.count(sampleActor, "write", "192.0.2.1");
    expect((await limits.count(sampleActor, "write", "192.0.2.1")).isExceeded).toBe(true);
    expect((await limits.count(sampleActor, "send", "192.0.2.1")).isExceeded).toBe(false);
  });
});
