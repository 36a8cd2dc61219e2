import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findSiteOrigin } from "./site-origin.ts";

describe("the origin of a site", () => {
  it.each([
    ["https://shop.example", "https://shop.example"],
    ["HTTPS://Shop.Example", "https://shop.example"],
    ["https://shop.example:443", "https://shop.example"],
    ["https://shop.example:8443", "https://shop.example:8443"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://shop.localhost", "http://shop.localhost"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ])("%s is kept as %s", (given, kept) => {
    expect(findSiteOrigin(given)).toBe(kept);
  });

  it.each([
    ...["", "*", "null", "shop.example", "//shop.example", "https://", "https://*.shop.example", "https://*"],
    ...["https://shop.example/", "https://shop.example/path", "https://shop.example?x", "https://shop.example#x"],
    ...["https://me@shop.example", "https://me:secret@shop.example", "https://shop.example\\x"],
    ...["http://shop.example", "http://127.0.0.1.example", "http://localhost.example", "http://10.0.0.1"],
    ...["ftp://shop.example", "javascript://shop.example", "data://x", "file:///x", "blob:https://shop.example"],
    ...[" https://shop.example", "https://shop.example ", "https://shop\t.example", "https://shop\n.example"],
    ...[
      "https://shop.example:99999",
      "https://[::1]",
      "http://[::1]:8080",
      "https://a_b.example",
      "https://%2a.example",
    ],
    `https://${"a".repeat(300)}.example`,
  ])("%j is nobody's", (given) => {
    expect(findSiteOrigin(given)).toBeUndefined();
  });

  it("ends no directive of a policy and begins no other", () => {
    for (const given of [
      "https://a.example;script-src",
      "https://a.example;",
      "https://a.example,b",
      "https://a.example'",
      "https://'unsafe-inline'",
      'https://a.example"',
      "https://a.example\r\nx-header:1",
    ]) {
      expect(findSiteOrigin(given)).toBeUndefined();
    }
    const anyHost = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.domain());
    fc.assert(
      fc.property(anyHost, (host) => {
        const origin = findSiteOrigin(`https://${host}`);
        expect(origin ?? "https://none").toMatch(/^https:\/\/[a-z0-9.-]+(:\d+)?$/);
      }),
      { numRuns: 500 },
    );
  });

  it("is its own spelling: what was kept is kept again", () => {
    fc.assert(
      fc.property(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 })), (host, port) => {
        const origin = findSiteOrigin(`https://${host}${port === null ? "" : `:${port}`}`) ?? "";
        expect(findSiteOrigin(origin)).toBe(origin);
      }),
    );
  });
});
