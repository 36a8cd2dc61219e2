import { describe, expect, it } from "vitest";
import { toVerdict } from "./verdict.ts";

const nowMs = Date.UTC(2026, 10, 23, 12, 0, 0);
const dayMs = 86_400_000;

describe("what an endpoint's answer means", () => {
  it.each([200, 201, 202, 204, 299])("%i is success", (status) => {
    expect(toVerdict({ status, headers: {} }, nowMs)).toEqual({ kind: "delivered" });
  });

  it.each([300, 301, 302, 303, 307, 308, 304, 400, 401, 404, 429, 500, 502, 503, 504])("%i is a failure", (status) => {
    expect(toVerdict({ status, headers: {} }, nowMs)).toEqual({ kind: "retry" });
  });

  it("410 ends the endpoint", () => {
    expect(toVerdict({ status: 410, headers: {} }, nowMs)).toEqual({ kind: "gone" });
  });

  it.each<[string, number | undefined]>([
    ["120", 120_000],
    ["0", 0],
    ["999999999", dayMs],
    ["Mon, 23 Nov 2026 12:01:00 GMT", 60_000],
    ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
    ["Mon, 23 Nov 2099 12:00:00 GMT", dayMs],
    ["-5", undefined],
    ["1e3", undefined],
    ["soon", undefined],
    ["", undefined],
    ["2026-11-23", undefined],
  ])("Retry-After %j of a 429 or 503 is honoured up to a day", (text, afterMs) => {
    const expected = afterMs === undefined ? { kind: "retry" } : { kind: "retry", afterMs };
    for (const status of [429, 503]) {
      expect(toVerdict({ status, headers: { "retry-after": text } }, nowMs)).toEqual(expected);
    }
    expect(toVerdict({ status: 500, headers: { "retry-after": text } }, nowMs)).toEqual({ kind: "retry" });
  });
});
