import type { IncomingHttpHeaders } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findSite } from "./site.ts";

const own = "https://chat.example";
const shop = "https://shop.example";
const named = { "parley-site": shop };
const configured = { publicOrigin: own };
const unconfigured = { publicOrigin: undefined };

describe("the site of a request", () => {
  it.each<[string, IncomingHttpHeaders, string | undefined, string | undefined]>([
    ["another origin", { origin: shop }, shop, shop],
    [
      "another origin that names a third",
      { origin: "https://evil.example", ...named },
      "https://evil.example",
      "https://evil.example",
    ],
    ["another origin, said to be the same", { origin: shop, "sec-fetch-site": "same-origin", ...named }, shop, shop],
    ["the origin null", { origin: "null", ...named }, "null", "null"],
    ["our frame, for the page around it", { origin: own, ...named }, shop, undefined],
    ["our own page", { origin: own }, own, undefined],
    ["our frame's GET", { "sec-fetch-site": "same-origin", ...named }, shop, undefined],
    ["our own page's GET, which names nobody", { "sec-fetch-site": "same-origin" }, undefined, undefined],
    ["nothing", {}, undefined, undefined],
    ["the frame's header alone", named, undefined, undefined],
    ["an empty origin and the header", { origin: "", ...named }, undefined, undefined],
    ["another site's GET", { "sec-fetch-site": "cross-site", ...named }, undefined, undefined],
    ["a neighbour's GET", { "sec-fetch-site": "same-site", ...named }, undefined, undefined],
    ["an address typed by hand", { "sec-fetch-site": "none", ...named }, undefined, undefined],
    ["an empty header", { origin: own, "parley-site": "" }, own, undefined],
    ["the header twice", { origin: own, "parley-site": [shop, own] }, own, undefined],
    [
      "our name in clear text",
      { origin: "http://chat.example", ...named },
      "http://chat.example",
      "http://chat.example",
    ],
    ["our name at another port", { origin: `${own}:8443`, ...named }, `${own}:8443`, `${own}:8443`],
  ])("%s", (_name, headers, site, foreignOrigin) => {
    const expected = site === undefined ? undefined : { site, foreignOrigin };
    expect(findSite({ host: "chat.example", ...headers }, configured)).toEqual(expected);
  });

  it("SECURITY: where an origin is configured, the Host header makes no other one ours", () => {
    const headers = { origin: "https://evil.example", host: "evil.example", ...named };
    expect(findSite(headers, configured)?.site).toBe("https://evil.example");
  });

  it("without a configured origin the host that was asked is ours, by name and port", () => {
    const ask = (origin: string) => findSite({ origin, host: "127.0.0.1:8080", ...named }, unconfigured);
    expect(ask("http://127.0.0.1:8080")).toEqual({ site: shop, foreignOrigin: undefined });
    for (const other of [
      "http://127.0.0.1",
      "http://127.0.0.1:8081",
      "http://localhost:8080",
      "null",
      "127.0.0.1:8080",
    ]) {
      expect(ask(other)?.site).toBe(other);
    }
    expect(findSite({ origin: "null", ...named }, unconfigured)?.site).toBe("null");
  });

  it("SECURITY: whoever sends another origin is of that origin, whatever else they send", () => {
    const any = fc.record(
      { "parley-site": fc.string(), "sec-fetch-site": fc.string(), host: fc.string() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.webUrl(), any, (url, more) => {
        const { origin } = new URL(url);
        if (origin === own) return;
        expect(findSite({ ...more, origin }, configured)).toEqual({ site: origin, foreignOrigin: origin });
      }),
    );
  });
});
