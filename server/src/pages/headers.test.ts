import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";
import { describe, expect, it } from "vitest";
import { isError } from "../kernel/errors.ts";
import { pageErrors } from "./errors.ts";
import { listPageHeaders, listSignOutHeaders } from "./headers.ts";
import { scoreAnswer } from "./testing/observatory.ts";
import { samplePages } from "./testing/sample-pages.ts";
import { ordinaryNames } from "./testing/sample-people.ts";

const nonce = "q83vEjRWeJCrze8SNFZ4kKvN";
const options = { nonce, isHttps: true, publicOrigin: "https://parley.example.com" };

function toMap(headers: ReturnType<typeof listPageHeaders>): Map<string, string> {
  return new Map(headers);
}

const sessionCookie = "__Host-parley_session=x; Path=/; Secure; HttpOnly; SameSite=Strict";

describe("the headers of pages", () => {
  it("give Google's CSP evaluator nothing to find", () => {
    const policy = toMap(listPageHeaders(options)).get("content-security-policy") ?? "";
    const parsed = new CspParser(policy).csp;
    expect(new CspEvaluator(parsed).evaluate()).toEqual([]);
  });

  it("hold the whole policy: own style, one script by nonce, no frame, no base, Trusted Types without a policy", () => {
    expect(toMap(listPageHeaders(options)).get("content-security-policy")?.split("; ")).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}' 'strict-dynamic'`,
      "style-src 'self'",
      "img-src 'self' data:",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "object-src 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it.each(Object.entries(samplePages))("reach the Observatory's maximum without a preload entry: %s", (_, page) => {
    const body = String(page({ nonce, csrf: "x" }, ordinaryNames));
    const scores = scoreAnswer({ headers: toMap(listPageHeaders(options)), cookies: [sessionCookie], body });
    expect(scores).toEqual({
      "content-security-policy": 10,
      cookies: 5,
      "cross-origin-resource-sharing": 0,
      "referrer-policy": 5,
      "strict-transport-security": 0,
      "subresource-integrity": 5,
      "x-content-type-options": 0,
      "x-frame-options": 5,
      "cross-origin-resource-policy": 10,
      "cross-origin-opener-policy": 10,
      "cross-origin-embedder-policy": 10,
    });
    // Redirection, the twelfth test, belongs to the listener and gives 0 at best: 160 points in all.
    expect(Object.values(scores).reduce((sum, score) => sum + score, 100)).toBe(160);
  });

  it("ask for HTTPS for two years when people come by HTTPS, and say nothing of it otherwise", () => {
    const name = "strict-transport-security";
    expect(toMap(listPageHeaders(options)).get(name)).toBe("max-age=63072000; includeSubDomains");
    expect(toMap(listPageHeaders({ ...options, isHttps: false })).has(name)).toBe(false);
  });

  it("let the pages use passkeys and nobody use the camera", () => {
    const policy = toMap(listPageHeaders(options)).get("permissions-policy") ?? "";
    expect(policy).toContain("publickey-credentials-get=(self)");
    expect(policy).toContain("publickey-credentials-create=(self)");
    expect(policy).toContain("camera=()");
    expect(policy).not.toContain("*");
  });

  it("send reports to the public origin when a path takes them", () => {
    const headers = toMap(listPageHeaders({ ...options, reportPath: "/reports/csp" }));
    expect(headers.get("reporting-endpoints")).toBe('csp="https://parley.example.com/reports/csp"');
    expect(headers.get("content-security-policy")).toMatch(/; report-to csp$/);
  });

  it.each(["", "short", "x".repeat(21), `${nonce}'; script-src *`, `${nonce}\r\nx: y`, `${nonce}=== `])(
    "refuse the nonce %j: no page goes out with a policy that is open",
    (bad) => {
      let code: unknown;
      try {
        listPageHeaders({ ...options, nonce: bad });
      } catch (error) {
        code = isError(error, pageErrors.nonce);
      }
      expect(code).toBe(true);
    },
  );

  it("make a browser forget this origin at sign-out, and leave its neighbours' cookies alone", () => {
    expect(listSignOutHeaders()).toEqual([["clear-site-data", '"cache", "storage"']]);
  });
});
