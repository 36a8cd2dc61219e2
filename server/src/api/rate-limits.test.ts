import { describe, expect, it } from "vitest";
import { RateLimits, rateTable, toNetwork } from "./rate-limits.ts";
import { sampleActor } from "./testing/sample-api.ts";

describe("rate limits", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:0001:2::9", "2001:db8:1:2"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:1"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
  ])("count %s under the network %s", (address, network) => {
    expect(toNetwork(address)).toBe(network);
  });

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
