import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../kernel/clock.ts";
import { recordConnectionAttempts } from "../../../platform/outbound/hostile-network.ts";
import { createOutboundClient, type OutboundRequest } from "../../../platform/outbound/index.ts";
import { fetchPreview } from "./fetch-preview.ts";
import { findPreviewLink } from "./find-link.ts";
import { readPage } from "./read-page.ts";

const pageUrl = "https://shop.example/books/1";
const toPage = (head: string): string => `<!doctype html><html><head>${head}</head><body><p>Text</p></body></html>`;

describe("what a page says about itself", () => {
  it("is its Open Graph before its title and description", () => {
    const head = `<title>Plain title</title><meta name="description" content="Plain">
      <META PROPERTY="og:title" CONTENT="A &amp; B"><meta property='og:description' content='Words'>
      <meta property="og:image" content="/cover.png">`;
    expect(readPage(toPage(head), pageUrl)).toEqual({
      ...{ title: "A & B", description: "Words", imageUrl: "https://shop.example/cover.png" },
    });
    const plain = `<title>\n Plain\n title </title><meta name="description" content="Plain">`;
    expect(readPage(toPage(plain), pageUrl)).toEqual({ title: "Plain title", description: "Plain" });
  });

  it.each([
    ["nothing", ""],
    ["no title", toPage('<meta name="description" content="Words">')],
    ["a blank title", toPage("<title> \u200b </title>")],
    ["a title in its body only", "<html><head></head><body><title>x</title><svg><title>y</title></svg></body>"],
    ["JSON", '{"title":"x"}'],
  ])("is nothing when there is %s", (_, page) => {
    expect(readPage(page, pageUrl)).toBeUndefined();
  });

  it("ends with the head: what comes behind it counts for nothing", () => {
    const page = `${toPage("<title>x</title>")}<meta property="og:title" content="from the body">`;
    expect(readPage(page, pageUrl)).toEqual({ title: "x" });
  });

  it.each([
    "http://shop.example/cover.png",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "https://user:word@shop.example/cover.png",
    "//",
    `https://shop.example/${"a".repeat(2_000)}`,
    "file:///etc/passwd",
  ])("CVE-2026-47733: holds no picture at %s", (address) => {
    const page = toPage(`<title>x</title><meta property="og:image" content="${address}">`);
    expect(readPage(page, pageUrl)).toEqual({ title: "x" });
  });

  it("is bounded text on one line, without controls and directions", () => {
    const page = toPage(`<title>${"a\u202e\u0007b\n".repeat(2_000)}</title>
      <meta property="og:description" content="${"😀".repeat(400)}">`);
    const facts = readPage(page, pageUrl);
    expect(facts?.title).toHaveLength(150);
    expect(facts?.title).toMatch(/^(?:ab )+(?:a|ab)?…$/);
    expect(facts?.description?.length).toBeLessThanOrEqual(300);
    expect(facts?.description?.isWellFormed()).toBe(true);
    expect(facts?.description).toMatch(/^😀+…$/u);
  });

  it("CVE-2026-34718: keeps markup as the text it is, whatever a page holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        for (const page of [
          text,
          toPage(text),
          toPage(`<title>${text}`),
          toPage(`<meta property="og:title" content="${text}`),
        ]) {
          const facts = readPage(page, pageUrl);
          expect(`${facts?.title ?? ""}${facts?.description ?? ""}`).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
          expect(facts?.imageUrl ?? "https://").toMatch(/^https:\/\//);
        }
      }),
    );
    expect(readPage(toPage('<meta property="og:title" content="<img src=x onerror=alert(1)>">'), pageUrl)?.title).toBe(
      "<img src=x onerror=alert(1)>",
    );
  });
});

describe("the link of a message", () => {
  it.each([
    ["See https://shop.example/a and https://shop.example/b.", "https://shop.example/a"],
    ["[the page](https://shop.example/a)", "https://shop.example/a"],
    ["> - **[the page](https://shop.example/a)**", "https://shop.example/a"],
    ["mail me: [x](mailto:a@b.org), [y](https://shop.example/)", "https://shop.example/"],
    ["http://shop.example", undefined],
    ["`https://shop.example/a`", undefined],
    ["[x](javascript:alert(1))", undefined],
    ["nothing", undefined],
    ["", undefined],
  ])("of %j is %s", (text, link) => {
    expect(findPreviewLink(text)).toBe(link);
  });
});

describe("fetching a page", () => {
  const fetchWith = (answer: object) => {
    const request = async (_request: OutboundRequest) => ({
      ...{ status: 200, headers: { "content-type": "text/html" }, body: Buffer.from(toPage("<title>x</title>")) },
      ...{ durationMs: 1, ...answer },
    });
    return fetchPreview({ outbound: { request } }, pageUrl);
  };

  it("reads the encoding that the header or the page says, and UTF-8 otherwise", async () => {
    const inLatin = Buffer.from(toPage('<meta charset="iso-8859-1"><title>Café</title>'), "latin1");
    expect((await fetchWith({ body: inLatin }))?.title).toBe("Café");
    const headers = { "content-type": "text/html; charset=windows-1252" };
    expect((await fetchWith({ headers, body: Buffer.from(toPage("<title>Café</title>"), "latin1") }))?.title).toBe(
      "Café",
    );
    const wrong = { "content-type": "text/html; charset=no-such" };
    expect((await fetchWith({ headers: wrong, body: Buffer.from(toPage("<title>Café</title>")) }))?.title).toBe("Café");
  });

  it.each([
    ["a redirect", { status: 302, headers: { "content-type": "text/html", location: "https://169.254.169.254/" } }],
    ["an error", { status: 404 }],
    ["another type", { headers: { "content-type": "application/json" } }],
    ["no type", { headers: {} }],
    ["a coding that was not asked for", { headers: { "content-type": "text/html", "content-encoding": "gzip" } }],
  ])("answers %s with no preview", async (_, answer) => {
    expect(await fetchWith(answer)).toBeUndefined();
    expect(await fetchWith({})).toEqual({ url: pageUrl, title: "x" });
  });

  it.each([
    "https://127.0.0.1/",
    "https://169.254.169.254/latest/",
    "https://[::1]/",
    "https://metadata.internal/",
    "http://shop.example/",
  ])("SECURITY: calls nothing that is not public: %s", async (url) => {
    const attempts = recordConnectionAttempts({ stop: true });
    const outbound = createOutboundClient({ allow: [], clock: systemClock });
    expect(await fetchPreview({ outbound }, url)).toBeUndefined();
    expect(attempts).toEqual([]);
    await outbound.close();
    vi.restoreAllMocks();
  });
});
