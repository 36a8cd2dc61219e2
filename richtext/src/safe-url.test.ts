import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSafeUrl } from "./index.ts";

describe("an address", () => {
  it.each([
    ["https://shop.example", "https://shop.example/"],
    ["HTTPS://Shop.Example:8443/a?b=c#d", "https://shop.example:8443/a?b=c#d"],
    ["https://shop.example/@a:b", "https://shop.example/@a:b"],
    ["https://b\u00fccher.example/", "https://xn--bcher-kva.example/"],
    ["https://[2001:db8::1]/", "https://[2001:db8::1]/"],
    ['https://shop.example/"><b>', "https://shop.example/%22%3E%3Cb%3E"],
    [
      "mailto:a.b+c@shop.example?subject=Hi%20there&body=x%0D%0Ay",
      "mailto:a.b+c@shop.example?subject=Hi%20there&body=x%0D%0Ay",
    ],
    ["TEL:+1(555)010-0", "tel:+1(555)010-0"],
  ])("%j is taken as %s", (text, url) => {
    expect(parseSafeUrl(text)).toBe(url);
    expect(parseSafeUrl(url)).toBe(url);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\u0001javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "javascript\n:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "%6aavascript:alert(1)",
    "javascript://https://shop.example/%0aalert(1)",
    "\ufeffjavascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "\uff4aavascript:alert(1)",
    "vbscript:msgbox(1)",
    "livescript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "DATA:,x",
    "blob:https://shop.example/1",
    "filesystem:https://shop.example/1",
    "view-source:https://shop.example",
    "jar:https://shop.example!/a",
    "feed:javascript:alert(1)",
    "about:blank",
    "file:///etc/passwd",
    "intent://shop.example#Intent;scheme=javascript;end",
    "ms-msdt:/id",
    "ws://shop.example",
    "ftp://shop.example",
  ])("CVE-2026-39964, CVE-2026-34718, 3.18.0 (embed): %j, whose scheme may run code, is refused", (text) => {
    expect(parseSafeUrl(text)).toBeUndefined();
  });

  it.each([
    "http://shop.example",
    "//shop.example",
    "/\\shop.example",
    "\\\\shop.example",
    "https:\\\\shop.example",
    "https:/\\shop.example",
    "https:shop.example",
    "https:/shop.example",
    "https:///shop.example",
    "https://",
    "https://?a",
    "https://shop.example\\@evil.example",
    "https://user@shop.example",
    "https://user:secret@shop.example",
    "https://@shop.example",
    "https://shop.example%2f@evil.example",
    "https://%65vil.example",
    "https://shop.example:99999",
    "https://a b.example",
    "https://shop.example/a b",
    "https://shop.example/\u00a0",
    "https://shop.example/\u202egpj.exe",
    "https://shop.example/\u200b",
    "https://shop.example/\u0000",
    "https://shop.example/\ud800",
    "https://\u3164.example",
    "/path",
    "path",
    "#a",
    "?a",
    "",
    "mailto:",
    "mailto:a@shop.example,b@shop.example",
    "mailto:a@shop.example?bcc=b@evil.example",
    "mailto:a@shop.example?attach=/etc/passwd",
    "mailto:a@shop.example?subject=a%0d%0abcc:b@evil.example",
    "mailto:%22a%22@shop.example",
    "tel:*%2306%23",
    "tel:*#06#",
    "tel:+1;phone-context=evil.example",
    "tel:javascript",
    `https://shop.example/${"a".repeat(2048)}`,
  ])("CVE-2026-47733: %j is refused", (text) => {
    expect(parseSafeUrl(text)).toBeUndefined();
  });

  it.each([undefined, null, 1, {}, ["https://shop.example"], new URL("https://shop.example")])(
    "is a text: %j is refused",
    (value) => {
      expect(parseSafeUrl(value)).toBeUndefined();
    },
  );

  it("of any spelling leads over https to a host, to a mailbox or to a number, or is refused", () => {
    const parts = fc.constantFrom(
      ..."java script: data: https: http: mailto: tel: / // \\ @ : a.example 1 %0a %09 ? # & ; = \t \n \u0000 \u202e".split(
        " ",
      ),
    );
    const spelt = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(parts).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(spelt, (text) => {
        const url = parseSafeUrl(text);
        if (url === undefined) return;
        const parsed = new URL(url);
        expect(["https:", "mailto:", "tel:"]).toContain(parsed.protocol);
        expect([parsed.username, parsed.password]).toEqual(["", ""]);
        expect(url).toBe(parsed.href);
      }),
      { numRuns: 2000 },
    );
  });
});
