import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";
import { describe, expect, it } from "vitest";
import { isError } from "../kernel/errors.ts";
import { scoreAnswer } from "../pages/testing/observatory.ts";
import { listAssetHeaders } from "../platform/http/document-headers.ts";
import type { HeaderList } from "../platform/http/surface-headers.ts";
import { embedErrors } from "./errors.ts";
import { listDemoHeaders, listFrameHeaders, listLoaderHeaders, listRefusalHeaders } from "./headers.ts";

const nonce = "q83vEjRWeJCrze8SNFZ4kKvN";
const ancestors = ["https://shop.example", "https://xn--bcher-kva.example:8443"];
const frame = listFrameHeaders({ nonce, ancestors });
const policyOf = (headers: HeaderList): string => new Map(headers).get("content-security-policy") ?? "";
const documents: [string, HeaderList][] = [
  ["the frame", frame],
  ["the page in its place", listRefusalHeaders()],
  ["the demo page", listDemoHeaders(nonce)],
];

describe("the headers of what websites fetch", () => {
  it.each(documents)("give Google's CSP evaluator nothing to find: %s", (_name, headers) => {
    expect(new CspEvaluator(new CspParser(policyOf(headers)).csp).evaluate()).toEqual([]);
  });

  it("hold the whole policy of the frame, and in it exactly the pages that may frame it", () => {
    expect(policyOf(frame).split("; ")).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}' 'strict-dynamic'`,
      "style-src 'self'",
      "img-src 'self' blob:",
      "media-src 'self' blob:",
      "connect-src 'self'",
      "form-action 'none'",
      "frame-ancestors https://shop.example https://xn--bcher-kva.example:8443",
      "base-uri 'none'",
      "object-src 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it("#6185: let nobody frame what lists nobody, nor any other page of ours", () => {
    for (const headers of [
      listFrameHeaders({ nonce, ancestors: [] }),
      listRefusalHeaders(),
      listDemoHeaders(nonce),
      listAssetHeaders({ contentType: "text/css" }),
      listLoaderHeaders("text/javascript", "brief"),
    ]) {
      expect(policyOf(headers)).toMatch(/(^|; )frame-ancestors 'none'(;|$)/);
    }
  });

  it.each(documents)("let a page that isolates itself take it in, and keep nothing: %s", (_name, list) => {
    const headers = new Map(list);
    expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.has("set-cookie")).toBe(false);
  });

  it("reach the Observatory's maximum for the demo page", () => {
    const headers = new Map([...listDemoHeaders(nonce), ["strict-transport-security", "max-age=63072000"] as const]);
    const body = '<script src="/widget/loader.1.js" integrity="sha384-AAAA"></script>';
    const scores = scoreAnswer({ headers, cookies: [], body });
    expect(Object.values(scores).every((score) => score >= 0)).toBe(true);
    expect(scores["content-security-policy"]).toBe(10);
    expect(scores["cross-origin-resource-policy"]).toBe(10);
  });

  it("let every page load the loader and check it, and no other page the rest", () => {
    const loader = new Map(listLoaderHeaders("text/javascript; charset=utf-8", "brief"));
    expect(loader.get("access-control-allow-origin")).toBe("*");
    expect(loader.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(loader.get("cache-control")).toBe("public, max-age=300");
    expect(new Map(listLoaderHeaders("text/javascript", "hashed")).get("cache-control")).toContain("immutable");
    const file = new Map(listAssetHeaders({ contentType: "text/css" }));
    expect(file.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(file.has("access-control-allow-origin")).toBe(false);
    expect([loader, file].map((headers) => headers.get("x-content-type-options"))).toEqual(["nosniff", "nosniff"]);
  });

  it.each(["", "short", "x".repeat(21), `${nonce}'; script-src *`, `${nonce}\r\nx: y`, `${nonce}=== `])(
    "refuse the nonce %j: no page goes out with a policy that is open",
    (bad) => {
      for (const list of [() => listFrameHeaders({ nonce: bad, ancestors }), () => listDemoHeaders(bad)]) {
        let isRefused = false;
        try {
          list();
        } catch (error) {
          isRefused = isError(error, embedErrors.nonce);
        }
        expect(isRefused).toBe(true);
      }
    },
  );
});
