import { describe, expect, it } from "vitest";
import { SessionAnswer } from "../kernel/operation.ts";
import { Secret } from "../kernel/secret.ts";
import { listSessionHeaders, readCookies, strictCookies } from "./cookies.ts";

const token = "a".repeat(43);

describe("the session cookie", () => {
  it("SECURITY: is a __Host- cookie, secure, invisible to script, never sent by other sites", () => {
    const answer = new SessionAnswer({}, { session: new Secret(token) });
    expect(listSessionHeaders(answer, strictCookies)).toEqual([
      ["set-cookie", `__Host-parley=${token}; Path=/; Secure; HttpOnly; SameSite=Strict`],
    ]);
  });

  it("is taken away, with what the browser kept, when the session ends", () => {
    const headers = Object.fromEntries(listSessionHeaders(new SessionAnswer({}, {}), strictCookies));
    expect(headers["set-cookie"]).toContain("Max-Age=0");
    expect(headers["clear-site-data"]).toBe('"cache", "storage"');
  });

  it.each([
    ["nothing", undefined],
    ["another name", `parley=${token}`],
    ["two of one name", `__Host-parley=${token}; __Host-parley=${"b".repeat(43)}`],
    ["odd letters", "__Host-parley=<script>alert(1)</script>aaaaaa"],
    ["a long value", `__Host-parley=${"a".repeat(129)}`],
    ["what stands too far back", `${"x=y; ".repeat(1000)}__Host-parley=${token}`],
  ])("SECURITY: %s is no session", (_what, header) => {
    expect(readCookies(header).session).toBeUndefined();
  });

  it("is read among others", () => {
    expect(readCookies(`a=b;__Host-parley-device=${token}; __Host-parley=${token};c`)).toEqual({
      session: token,
      device: token,
    });
  });
});
