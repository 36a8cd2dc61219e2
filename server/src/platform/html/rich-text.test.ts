import { parseRichText, type SafeUrl } from "@parley/richtext";
import { describe, expect, it } from "vitest";
import { isError } from "../../kernel/errors.ts";
import { htmlErrors, renderRichText } from "./index.ts";

const render = (text: string): string => String(renderRichText(parseRichText(text)));

describe("a text as HTML", () => {
  it.each([
    ["a\n**b** *c* `<d>`", '<p dir="auto">a<br><strong>b</strong> <em>c</em> <code>&lt;d&gt;</code></p>'],
    ["```html\n<b>\n```", '<pre dir="auto"><code>&lt;b&gt;</code></pre>'],
    ["> a", '<blockquote dir="auto"><p dir="auto">a</p></blockquote>'],
    ["- a", '<ul dir="auto"><li dir="auto"><p dir="auto">a</p></li></ul>'],
    ["7. a", '<ol  dir="auto" start="7"><li dir="auto"><p dir="auto">a</p></li></ol>'],
    [
      '[a"b](https://shop.example/?a=b&c=")',
      '<p dir="auto"><a href="https://shop.example/?a=b&amp;c=%22" rel="noopener noreferrer nofollow ugc" target="_blank" dir="auto">a&quot;b</a></p>',
    ],
    [
      "[Call](tel:+15550100)",
      '<p dir="auto"><a href="tel:+15550100" rel="noopener noreferrer nofollow ugc" target="_blank" dir="auto">Call</a></p>',
    ],
    ["![a](https://evil.example/1.png)", '<p dir="auto">a</p>'],
    ["", ""],
  ])("%j is %s", (text, written) => {
    expect(render(text)).toBe(written);
  });

  it("CVE-2026-39964: takes no address that was only called safe", () => {
    const url = "javascript:alert(1)" as SafeUrl;
    const forged = [{ kind: "paragraph", children: [{ kind: "link", url, children: [] }] }] as const;
    let refused: unknown;
    try {
      renderRichText(forged);
    } catch (error) {
      refused = error;
    }
    expect(isError(refused, htmlErrors.linkRefused)).toBe(true);
  });
});
