import { describe, expect, it } from "vitest";
import { RichText } from "./rich-text.tsx";

interface Node {
  readonly type: unknown;
  readonly props: Readonly<Record<string, unknown>>;
}

/** The elements as HTML would write them, texts in quotes. */
function write(node: unknown): string {
  if (typeof node === "string") return JSON.stringify(node);
  if (Array.isArray(node)) return node.map(write).join("");
  if (node === null || node === undefined) return "";
  const { type, props } = node as Node;
  const { children, ...attributes } = props;
  if (typeof type !== "string") return write(children);
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}=${String(value)}`);
  return `<${type}${written.join("")}>${write(children)}</${type}>`;
}

const render = (text: string): string => write(RichText({ text }));

describe("a text in the widget", () => {
  it.each([
    ["a\n**b** *c* `d`", '<p dir=auto>"a"<br></br><strong>"b"</strong>" "<em>"c"</em>" "<code>"d"</code></p>'],
    ["```\n<b>\n```", '<pre dir=auto><code>"<b>"</code></pre>'],
    ["> a", '<blockquote dir=auto><p dir=auto>"a"</p></blockquote>'],
    ["- a", '<ul dir=auto><li dir=auto><p dir=auto>"a"</p></li></ul>'],
    ["7. a", '<ol dir=auto start=7><li dir=auto><p dir=auto>"a"</p></li></ol>'],
    [
      "[a](https://shop.example/b)",
      '<p dir=auto><a href=https://shop.example/b rel=noopener noreferrer nofollow ugc target=_blank dir=auto>"a"</a></p>',
    ],
  ])("%j is %s", (text, elements) => {
    expect(render(text)).toBe(elements);
  });

  it.each(["<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", '<iframe srcdoc="x"></iframe>'])(
    "CVE-2024-9148, CVE-2026-54302: %j is one text",
    (text) => {
      expect(render(text)).toBe(`<p dir=auto>${JSON.stringify(text)}</p>`);
    },
  );

  it("CVE-2026-47733: has no image", () => {
    expect(render("![a](https://evil.example/1.png)")).toBe('<p dir=auto>"a"</p>');
  });
});
