// Every payload of the corpus through everything that writes text: the renderer of letters and pages, the one of the widget,
// and the template that both stand on. What comes out is read again by a parser of HTML, element by element.

import { type Block, type Inline, parseRichText, parseSafeUrl, toPlainText } from "@parley/richtext";
import { Parser } from "htmlparser2";
import { describe, expect, it } from "vitest";
import { html, renderRichText } from "../../server/src/platform/html/index.ts";
import { type XssPlace, xssPayloads } from "../support/xss-payloads.ts";

const rel = "noopener noreferrer nofollow ugc";
/** What a text may become: each element with its attributes and what they may be. */
const allowed: Readonly<Record<string, Readonly<Record<string, (value: string) => boolean>>>> = {
  ...Object.fromEntries(
    ["p", "pre", "blockquote", "ul", "ol", "li"].map((name) => [name, { dir: (value: string) => value === "auto" }]),
  ),
  ...Object.fromEntries(["br", "strong", "em", "code"].map((name) => [name, {}])),
  ol: { dir: (value) => value === "auto", start: (value) => /^\d{1,9}$/.test(value) },
  a: {
    dir: (value) => value === "auto",
    href: (value) => parseSafeUrl(value) === value,
    rel: (value) => value === rel,
    target: (value) => value === "_blank",
  },
};

function judge(name: string, attributes: Readonly<Record<string, string>>): string[] {
  const rules = allowed[name];
  if (rules === undefined) return [`<${name}>`];
  const mistaken = Object.entries(attributes).filter(([key, value]) => rules[key]?.(value) !== true);
  const isOpen = name === "a" && (attributes.rel !== rel || attributes.target !== "_blank");
  return [...mistaken.map(([key, value]) => `<${name} ${key}="${value}">`), ...(isOpen ? ["<a> without rel"] : [])];
}

/** What stands in the HTML that a text may not become, and the text that it shows. */
function readHtml(written: string): { readonly faults: string[]; readonly text: string } {
  const faults: string[] = [];
  let text = "";
  const parser = new Parser({
    onopentag: (name, attributes) => faults.push(...judge(name, attributes)),
    ontext: (part) => (text += part),
    oncomment: () => faults.push("a comment"),
    onprocessinginstruction: (name) => faults.push(`<${name}>`),
  });
  parser.end(written);
  return { faults, text };
}

interface Node {
  readonly type: unknown;
  readonly props: Readonly<Record<string, unknown>>;
}

/** The same of the elements that the widget makes. A child is a text, an element or a list of these, never an object. */
function readNodes(node: unknown): string[] {
  if (node === null || node === undefined || typeof node === "string") return [];
  if (Array.isArray(node)) return node.flatMap(readNodes);
  const { type, props } = node as Node;
  const { children, ...attributes } = props;
  const texts = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)]));
  const faults = typeof type === "string" ? judge(type, texts) : Object.keys(attributes);
  return [...faults, ...readNodes(children)];
}

const widgetText = new URL("../../widget/src/text/rich-text.tsx", import.meta.url).href;
const { RichText } = (await import(widgetText)) as { RichText: (props: { readonly text: string }) => unknown };

function listLinks(blocks: readonly Block[]): string[] {
  const within = (inline: Inline): string[] =>
    inline.kind === "link" ? [inline.url] : "children" in inline ? inline.children.flatMap(within) : [];
  return blocks.flatMap((block) => {
    if (block.kind === "paragraph") return block.children.flatMap(within);
    if (block.kind === "quote") return listLinks(block.children);
    return block.kind === "list" ? block.items.flatMap(listLinks) : [];
  });
}

/** A payload as it is, and in every place of the Markdown that surrounds it. */
const settings: readonly (readonly [string, (value: string) => string])[] = [
  ["alone", (value) => value],
  ["in a sentence", (value) => `Hello ${value}, how are you?`],
  ["as a label", (value) => `[${value}](https://shop.example/)`],
  ["as a target", (value) => `[a](${value})`],
  ["as a picture", (value) => `![${value}](${value})`],
  ["after an address", (value) => `https://shop.example/${value}`],
  ["emphasised", (value) => `**${value}** *${value}*`],
  ["in code", (value) => `\`${value}\``],
  ["in fenced code", (value) => `\`\`\`\n${value}\n\`\`\``],
  ["in a list in a quote", (value) => `> - ${value}\n> 2. ${value}`],
];

describe("a stored script", () => {
  it("is in the corpus once, with its number, for every kind of field", () => {
    expect(xssPayloads.length).toBeGreaterThan(200);
    expect(new Set(xssPayloads.map(({ value }) => value)).size).toBe(xssPayloads.length);
    const places: readonly XssPlace[] = ["text", "name", "fileName", "buttonTitle", "url", "svg", "markdown"];
    const rare = places.filter((place) => xssPayloads.filter(({ where }) => where.includes(place)).length < 25);
    expect(rare).toEqual([]);
  });

  it("would be found by this suite if it were written as it is", () => {
    const found = xssPayloads.filter(({ value }) => readHtml(value).faults.length > 0);
    expect(found.length).toBeGreaterThan(120);
    const nodes = { type: "a", props: { href: "javascript:alert(1)", dangerouslySetInnerHTML: {}, children: [] } };
    expect(readNodes(nodes)).toHaveLength(3);
  });

  it.each(settings)(
    "CVE-2021-3741, CVE-2022-0526, CVE-2022-0527, CVE-2022-0542, CVE-2022-1022, CVE-2023-2109, CVE-2026-28445: %s becomes no element or attribute of its own in a letter or page",
    (_name, set) => {
      const faults = xssPayloads.flatMap(({ name, value }) => {
        const blocks = parseRichText(set(value));
        const read = readHtml(String(renderRichText(blocks)));
        return read.faults.map((fault) => `${name}: ${fault}`);
      });
      expect(faults).toEqual([]);
    },
  );

  it.each(settings)(
    "CVE-2021-3741, CVE-2022-0526, CVE-2022-0527, CVE-2022-0542, CVE-2022-1022, CVE-2023-2109, CVE-2026-28445, CVE-2024-9148, CVE-2026-54302: %s becomes no element or attribute of its own in the widget",
    (_name, set) => {
      const faults = xssPayloads.flatMap(({ name, value }) =>
        readNodes(RichText({ text: set(value) })).map((fault) => `${name}: ${fault}`),
      );
      expect(faults).toEqual([]);
    },
  );

  it.each(settings)("%s is shown as the text it is, the same in letters, widget and plain text", (_name, set) => {
    const letters = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, "");
    for (const { value } of xssPayloads) {
      const blocks = parseRichText(set(value));
      const { text } = readHtml(String(renderRichText(blocks)));
      const plain = toPlainText(blocks);
      // Plain text adds the addresses of links and the numbers of items, and nothing else.
      if (listLinks(blocks).length === 0 && !blocks.some(({ kind }) => kind === "list" || kind === "quote")) {
        expect(letters(text)).toBe(letters(plain));
      }
      expect(letters(plain).length).toBeGreaterThanOrEqual(letters(text).length);
    }
  });

  it("CVE-2026-39964, CVE-2026-34718, 3.18.0 (embed): as an address leads nowhere but over https to the host it names", () => {
    const taken = xssPayloads.flatMap(({ value }) => parseSafeUrl(value) ?? []);
    const hosts = new Set(taken.map((url) => new URL(url).host));
    expect([...hosts]).toEqual(["evil.example"]);
    expect(taken.every((url) => url.startsWith("https://evil.example/"))).toBe(true);
    // Those that a quote or a bracket would end an attribute with: in an address these are codes.
    expect(taken.every((url) => !/["<>\s]/.test(url))).toBe(true);
  });

  it("CVE-2026-34718, GHSA-p9xp-gx8r-4397: as a name, a title or a file's name is text, in elements and in attributes", () => {
    for (const { value } of xssPayloads) {
      const written = String(html`<p dir="auto">${value}</p><b title="${value}" data-config='${value}'></b>`);
      const names: string[] = [];
      const shown: string[] = [];
      const parser = new Parser({
        onopentag: (name, attributes) => names.push(name, ...Object.keys(attributes)),
        ontext: (text) => shown.push(text),
      });
      parser.end(written);
      expect(names).toEqual(["p", "dir", "b", "title", "data-config"]);
      expect(shown.join("")).toBe(value.toWellFormed().replaceAll("\0", "\ufffd"));
    }
  });
});
