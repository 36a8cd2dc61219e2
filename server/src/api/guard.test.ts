import { describe, expect, it } from "vitest";
import { rateTable } from "./rate-limits.ts";
import { createSampleServer, listThings } from "./testing/sample-api.ts";

const holder = { authorization: "Bearer holder" };

describe("the guards of an operation", () => {
  it("names the permission that is missing, and takes the bundle of its resource", async () => {
    const { server } = createSampleServer();
    const refused = await server.inject({ url: "/api/v1/things", headers: { authorization: "Bearer unscoped" } });
    expect(refused.json().detail).toContain("things:read");
    expect((await server.inject({ url: "/api/v1/things", headers: holder })).statusCode).toBe(200);
  });

  it("does not count against an app what its token may not do", async () => {
    const read = { perCaller: 5, perTenant: 5, seconds: 60 };
    const { server } = createSampleServer({ rateTable: { ...rateTable, read } });
    for (let sent = 0; sent < 6; sent++) {
      const refused = await server.inject({ url: "/api/v1/things", headers: { authorization: "Bearer unscoped" } });
      expect(refused.statusCode).toBe(403);
      expect(refused.headers).not.toHaveProperty("ratelimit-limit");
    }
    const good = await server.inject({ url: "/api/v1/things", headers: holder });
    expect([good.statusCode, good.headers["ratelimit-remaining"]]).toEqual([200, "4"]);
  });

  it("refuses every token where a second factor is asked for", async () => {
    const { server } = createSampleServer({ operations: [{ ...listThings, stepUp: true }] });
    const answer = await server.inject({ url: "/api/v1/things", headers: holder });
    expect(answer.json().code).toBe("api.person_required");
  });

  it("slows failed authentications of a network, and a valid token from there still gets in", async () => {
    const { server } = createSampleServer({ rateTable: { ...rateTable, failures: { perNetwork: 2, seconds: 60 } } });
    const fail = (remoteAddress: string) =>
      server.inject({ url: "/api/v1/things", headers: { authorization: "Bearer x" }, remoteAddress });
    expect([await fail("2001:db8::1"), await fail("2001:db8::2")].map((answer) => answer.statusCode)).toEqual([
      401, 401,
    ]);
    const limited = await fail("2001:db8:0:0:ffff::3");
    expect(limited.statusCode).toBe(429);
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect((await fail("2001:db8:0:1::1")).statusCode).toBe(401);
    const good = await server.inject({ url: "/api/v1/things", headers: holder, remoteAddress: "2001:db8::1" });
    expect(good.statusCode).toBe(200);
  });
});
