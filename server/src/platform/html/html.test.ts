import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isError } from "../../kernel/errors.ts";
import {
  attributes,
  css,
  findLink,
  type HtmlValue,
  html,
  htmlErrors,
  link,
  localLink,
  stripControls,
} from "./index.ts";

function isRefused(write: () => unknown): boolean {
  try {
    write();
    return false;
  } catch (error) {
    return isError(error, htmlErrors.template) || isError(error, htmlErrors.linkRefused);
  }
}

const markup = `<img src=x onerror="alert(1)">'&\``;

describe("html", () => {
  it("escapes every value in text and in quoted attributes", () => {
    const escaped = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&#96;";
    expect(String(html`<p title="${markup}" lang='${markup}'>${markup}</p>`)).toBe(
      `<p title="${escaped}" lang='${escaped}'>${escaped}</p>`,
    );
    expect(String(html`<title>${markup}</title>`)).toBe(`<title>${escaped}</title>`);
  });

  it("lets no text bring an element or end an attribute", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const written = String(html`<p title="${text}">${text}</p>`);
        expect(written.match(/[<>]/g)).toHaveLength(4);
        expect(written.match(/"/g)).toHaveLength(2);
      }),
    );
  });

  it("nests templates and arrays, and writes nothing for false, null and undefined", () => {
    const rows = ["a", "<b>"].map((row) => html`<li>${row}</li>`);
    expect(String(html`<ul>${rows}${false}${null}${undefined}${0}</ul>`)).toBe(
      "<ul><li>a</li><li>&lt;b&gt;</li>0</ul>",
    );
  });

  const value: HtmlValue = "x";
  it.each<[string, () => unknown]>([
    ["an unquoted attribute", () => html`<p title=${value}></p>`],
    ["an unquoted attribute that is written out", () => html`<p title=x></p>`],
    ["a tag's name", () => html`<${value}></p>`],
    ["a part of a tag's name", () => html`<h${value}></p>`],
    ["a closing tag", () => html`<p></${value}>`],
    ["a closing tag's end", () => html`<p></p${value}>`],
    ["the place between attributes", () => html`<p ${value}></p>`],
    ["an attribute's name", () => html`<p data-${value}="y"></p>`],
    ["the place after a bare attribute", () => html`<p hidden${value}></p>`],
    ["a script", () => html`<script>${value}</script>`],
    ["a style sheet", () => html`<style>${value}</style>`],
    ["a comment", () => html`<!-- ${value} -->`],
    ["an event handler", () => html`<p onclick="${value}"></p>`],
    ["a style", () => html`<p style="${value}"></p>`],
    ["a document of its own", () => html`<p srcdoc="${value}"></p>`],
    ["a refresh", () => html`<meta http-equiv="${value}">`],
    ["the beginning of an address", () => html`<a href="${value}"></a>`],
    ["the place after a lone slash of an address", () => html`<a href="/${value}"></a>`],
    ["the host of an address", () => html`<a href="https://${value}"></a>`],
    ["the name of a host", () => html`<a href="https://a.${value}/"></a>`],
  ])("refuses a value in %s", (_, write) => {
    expect(isRefused(write)).toBe(true);
  });

  it("refuses a template that ends inside a tag, an attribute, a comment or a script", () => {
    expect(isRefused(() => html`<p`)).toBe(true);
    expect(isRefused(() => html`<p title="x`)).toBe(true);
    expect(isRefused(() => html`<!-- x`)).toBe(true);
    expect(isRefused(() => html`<script>x`)).toBe(true);
    expect(isRefused(() => html`1 < 2`)).toBe(true);
  });

  it("refuses objects, true, and elements in an attribute or a title", () => {
    const anything = (one: unknown): HtmlValue => one as HtmlValue;
    expect(isRefused(() => html`${anything({ toString: () => "<b>" })}`)).toBe(true);
    expect(isRefused(() => html`${anything(true)}`)).toBe(true);
    expect(isRefused(() => html`<p title="${html`<b></b>`}"></p>`)).toBe(true);
    expect(isRefused(() => html`<title>${html`<b></b>`}</title>`)).toBe(true);
    expect(isRefused(() => html`<p title="${anything(["a"])}"></p>`)).toBe(true);
  });

  it("takes addresses as links, or after a beginning that settles where they lead", () => {
    expect(String(html`<a href="${link("https://example.org/a?b=1&c=2")}">x</a>`)).toBe(
      '<a href="https://example.org/a?b=1&amp;c=2">x</a>',
    );
    expect(String(html`<a href="${localLink("/reset?a=b")}"></a>`)).toBe('<a href="/reset?a=b"></a>');
    expect(String(html`<a href="/apps/${'a"b'}"></a>`)).toBe('<a href="/apps/a&quot;b"></a>');
  });

  it("writes sets of attributes and styles from the source only", () => {
    const set = attributes({ name: 'a"b', checked: true, disabled: false, max: 3, href: link("mailto:a@example.org") });
    expect(String(html`<input ${set}>`)).toBe('<input  name="a&quot;b" checked max="3" href="mailto:a@example.org">');
    expect(String(html`<p style="${css`color: red; margin: ${4}px`}"></p>`)).toBe(
      '<p style="color: red; margin: 4px"></p>',
    );
    expect(isRefused(() => attributes({ onclick: "x" }))).toBe(true);
    expect(isRefused(() => attributes({ style: "x" }))).toBe(true);
    expect(isRefused(() => attributes({ href: "https://example.org" }))).toBe(true);
    expect(isRefused(() => attributes({ "a b": "x" }))).toBe(true);
  });
});

describe("link", () => {
  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    " https://example.org",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//example.org",
    "/path",
    "https:\\\\example.org",
    "https://user:pass@example.org",
    "",
    `https://example.org/${"a".repeat(5000)}`,
  ])("refuses %j (CVE-2026-39964)", (address) => {
    expect(findLink(address)).toBeUndefined();
    expect(isRefused(() => link(address))).toBe(true);
  });

  it.each(["https://example.org/a?b#c", "http://127.0.0.1:8080/", "mailto:a@example.org"])("takes %s", (address) => {
    expect(String(link(address))).toBe(address);
  });

  it.each([
    "//example.org",
    "/\\example.org",
    "https://example.org",
    "reset",
    "/\t/example.org",
    "/..//example.org",
    "",
  ])("keeps local links on this server: refuses %j", (path) => {
    expect(isRefused(() => localLink(path))).toBe(true);
  });
});

describe("stripControls", () => {
  it("keeps one line that cannot turn its direction or hide letters", () => {
    expect(stripControls("a\r\nBcc: b\u202e\u2066c\u0000d\u200be\u2028f\u{e0041}\u00adg")).toBe("a Bcc: bcde fg");
  });

  it("keeps every script and emoji", () => {
    const names = "Żółć 株式会社 می‌خواهم 👩‍👩‍👧 O’Brien & Söhne";
    expect(stripControls(names)).toBe(names);
  });
});
