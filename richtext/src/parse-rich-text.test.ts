import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText } from "./clean-text.ts";
import { type Block, type Inline, parseRichText, parseSafeUrl, toPlainText } from "./index.ts";

const text = (value: string): Inline => ({ kind: "text", text: value });
const paragraph = (...children: readonly Inline[]): Block => ({ kind: "paragraph", children });
const link = (url: string, label: string): Inline => ({
  kind: "link",
  url: parseSafeUrl(url) as NonNullable<ReturnType<typeof parseSafeUrl>>,
  children: [text(label)],
});

function listInlines(blocks: readonly Block[]): Inline[] {
  const within = (inline: Inline): Inline[] =>
    "children" in inline ? [inline, ...inline.children.flatMap(within)] : [inline];
  return blocks.flatMap((block) => {
    if (block.kind === "paragraph") return block.children.flatMap(within);
    if (block.kind === "quote") return listInlines(block.children);
    return block.kind === "list" ? block.items.flatMap(listInlines) : [];
  });
}

const listLinks = (value: string): (Inline & { kind: "link" })[] =>
  listInlines(parseRichText(value)).filter((inline) => inline.kind === "link");

const readLabel = (inline: Inline): string =>
  "children" in inline ? inline.children.map(readLabel).join("") : inline.kind === "break" ? " " : inline.text;

function depthOf(blocks: readonly Block[]): number {
  const ofInline = (inline: Inline): number =>
    "children" in inline ? 1 + Math.max(0, ...inline.children.map(ofInline)) : 1;
  const ofBlock = (block: Block): number => {
    if (block.kind === "paragraph") return Math.max(0, ...block.children.map(ofInline));
    if (block.kind === "quote") return depthOf(block.children);
    return block.kind === "list" ? Math.max(0, ...block.items.map(depthOf)) : 0;
  };
  return 1 + Math.max(0, ...blocks.map(ofBlock));
}

describe("a text", () => {
  it.each<readonly [string, readonly Block[]]>([
    ["", []],
    ["one\ntwo\n\nthree", [paragraph(text("one"), { kind: "break" }, text("two")), paragraph(text("three"))]],
    [
      "a **b *c*** `d*`",
      [
        paragraph(
          text("a "),
          { kind: "strong", children: [text("b "), { kind: "emphasis", children: [text("c")] }] },
          text(" "),
          { kind: "code", text: "d*" },
        ),
      ],
    ],
    ["2 * 3 ** 4 _x_ *", [paragraph(text("2 * 3 ** 4 _x_ *"))]],
    ["**open *and `more", [paragraph(text("**open *and `more"))]],
    ["``a ` b``", [paragraph({ kind: "code", text: "a ` b" })]],
    [
      "```js\nlet a = 1;\n\n**x**\n```\nafter",
      [{ kind: "code", text: "let a = 1;\n\n**x**" }, paragraph(text("after"))],
    ],
    [
      "Choose:\n- a\n- b\n  1. c\n  2. d",
      [
        paragraph(text("Choose:")),
        {
          kind: "list",
          isOrdered: false,
          start: 1,
          items: [
            [paragraph(text("a"))],
            [
              paragraph(text("b")),
              { kind: "list", isOrdered: true, start: 1, items: [[paragraph(text("c"))], [paragraph(text("d"))]] },
            ],
          ],
        },
      ],
    ],
    [
      "3. a\n\n4. b",
      [{ kind: "list", isOrdered: true, start: 3, items: [[paragraph(text("a"))], [paragraph(text("b"))]] }],
    ],
    [
      "> a\n> > b",
      [
        {
          kind: "quote",
          children: [paragraph(text("a")), { kind: "quote", children: [paragraph(text("b"))] }],
        },
      ],
    ],
    ["It was in\n1984. A year.", [paragraph(text("It was in"), { kind: "break" }, text("1984. A year."))]],
    [
      "See [the shop](https://shop.example/a_(b)?c=d) or (https://shop.example/x).",
      [
        paragraph(
          text("See "),
          link("https://shop.example/a_(b)?c=d", "the shop"),
          text(" or ("),
          link("https://shop.example/x", "https://shop.example/x"),
          text(")."),
        ),
      ],
    ],
    ["[Write](mailto:a@shop.example)", [paragraph(link("mailto:a@shop.example", "Write"))]],
    ["[](https://shop.example/)", [paragraph(link("https://shop.example/", "https://shop.example/"))]],
    ["[a] (b) [c]", [paragraph(text("[a] (b) [c]"))]],
    ["# not a heading", [paragraph(text("# not a heading"))]],
  ])("%j has the tree it reads like", (value, blocks) => {
    expect(parseRichText(value)).toEqual(blocks);
  });

  it.each([
    "<script>globalThis.x = 1</script>",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>".replace("https", "http"),
    "[a]: javascript:alert(1)",
    "[a](javascript:alert(1))",
    "[a](http://shop.example)",
    "[a](//shop.example)",
    "[a][b]",
    "http://shop.example",
    "a&amp;b &lt;b&gt; &#106;",
  ])("CVE-2024-9148: %j stays the text that it is", (value) => {
    expect(parseRichText(value)).toEqual([paragraph(text(value))]);
  });

  it("CVE-2026-47733: an image is the words that describe it, and nothing of it is loaded or followed", () => {
    expect(parseRichText("a ![cat **b**](https://evil.example/1.png) c")).toEqual([paragraph(text("a cat b c"))]);
    expect(parseRichText("![cat](javascript:alert(1))")).toEqual([paragraph(text("cat"))]);
    expect(parseRichText("[![cat](https://evil.example/1.png)](https://shop.example/)")).toEqual([
      paragraph(link("https://shop.example/", "cat")),
    ]);
  });

  it("has no link within a link", () => {
    expect(listLinks("[a [b](https://shop.example/b) c](https://shop.example/c)")).toEqual([
      link("https://shop.example/b", "b"),
      link("https://shop.example/c", "https://shop.example/c"),
    ]);
    const [outer] = listLinks("[https://shop.example/b](https://shop.example/c)");
    expect(outer).toEqual(link("https://shop.example/c", "https://shop.example/b"));
  });
});

describe("a label", () => {
  it.each([
    ["[https://bank.example/login](https://evil.example/x)", "https://bank.example/login [evil.example]"],
    ["[bank.example](https://evil.example)", "bank.example [evil.example]"],
    ["[www.BANK.example](https://bank.example.evil.example)", "www.BANK.example [bank.example.evil.example]"],
    ["[**bank**.example](https://evil.example)", "bank.example [evil.example]"],
    ["[ba\u200bnk.exa\u00admple](https://evil.example)", "bank.example [evil.example]"],
    ["[\u202ebank.example\u202c](https://evil.example)", "bank.example [evil.example]"],
    ["[bank\uff0eexample](https://evil.example)", "bank\uff0eexample [evil.example]"],
    ["[bank\u3002example](https://evil.example)", "bank\u3002example [evil.example]"],
    ["[https:\u2044\u2044bank.example](https://evil.example)", "https:\u2044\u2044bank.example [evil.example]"],
    ["[evil.example@bank.example](https://evil.example)", "evil.example@bank.example [evil.example]"],
    ["[10.0.0.1](https://evil.example)", "10.0.0.1 [evil.example]"],
    ["[help@bank.example](mailto:x@evil.example)", "help@bank.example [evil.example]"],
    ["[+44 20 7946 0000](tel:+1900123)", "+44 20 7946 0000 [+1900123]"],
    ["https://b\u0430nk.example/", "https://b\u0430nk.example/ [xn--bnk-6cd.example]"],
    ["[\u2800\u3164](https://evil.example/)", "https://evil.example/"],
    ["[\u200e](https://evil.example/)", "https://evil.example/"],
  ])("%j shows the host that it leads to: %s", (value, label) => {
    expect(listLinks(value).map(readLabel)).toEqual([label]);
  });

  it.each([
    "[Prices of 3.50 and more, e.g. here](https://shop.example)",
    "[shop.example](https://www.shop.example/a)",
    "[https://shop.example/a/index.html](https://shop.example/b)",
    "[first.last@shop.example](mailto:first.last@shop.example)",
    "[\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \ud83d\udc69\u200d\ud83d\udc67](https://shop.example)",
    "[020 7946 0000](tel:02079460000)",
    "https://shop.example/a/index.html?b=c.d",
  ])("%j is left as it is", (value) => {
    const label = /^\[(.*)\]/u.exec(value)?.[1] ?? value;
    expect(listLinks(value).map(readLabel)).toEqual([label]);
  });
});

describe("every text", () => {
  const pieces = fc.constantFrom(
    ..."* ** *** ` `` ``` ( ) [ ] ![ ]( > - < & \\ 1. https:// https://a.example/ (https://a.example) (javascript:x)".split(
      " ",
    ),
    ..."\n|\n\n|\n  - |\n    |\n> |\n```\n| |\t|a|b c|\u202e|\u200b|\u00e9|\u4e2d|\ud83d\ude00|\ud800|\u2028".split(
      "|",
    ),
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
    fc.string({ unit: "binary", maxLength: 200 }),
  );

  it("has a tree, of bounded depth, whose links passed the check", () => {
    fc.assert(
      fc.property(texts, (value) => {
        const blocks = parseRichText(value);
        expect(depthOf(blocks)).toBeLessThan(40);
        for (const inline of listInlines(blocks)) {
          if (inline.kind !== "link") continue;
          expect(parseSafeUrl(inline.url)).toBe(inline.url);
          expect(readLabel(inline).trim()).not.toBe("");
          expect(listInlines([paragraph(...inline.children)]).some(({ kind }) => kind === "link")).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["quotes", "> ".repeat(2000)],
    ["lists", "- ".repeat(2000)],
    ["quotes in lists", "> 1. ".repeat(2000)],
    ["indented lists", Array.from({ length: 500 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n")],
    ["emphasis", `${"*a **b ".repeat(2000)}${"c** d* ".repeat(2000)}`],
    ["labels", `${"[".repeat(2000)}a${"](https://a.example/)".repeat(2000)}`],
    ["images", `${"![".repeat(2000)}a${"](a)".repeat(2000)}`],
  ])("that nests %s without end has a tree of bounded depth", (_name, value) => {
    expect(depthOf(parseRichText(value))).toBeLessThan(24);
  });

  it("keeps its letters in their order", () => {
    const letters = (value: string): string => value.replaceAll(/[^\p{L}]/gu, "");
    // Seen as the parser does: what steers a text may stand within a bracket or a fence.
    const linked = /\]\(|```[\w+#.-]|https:|[\u115f\u1160\u3164\uffa0]/i;
    const unlinked = texts.filter((value) => !linked.test(cleanText(value)));
    fc.assert(
      fc.property(unlinked, (value) => {
        expect(letters(toPlainText(parseRichText(value)))).toBe(letters(value));
      }),
      { numRuns: 1000 },
    );
  });

  it("steers nothing outside itself", () => {
    fc.assert(
      fc.property(texts, (value) => {
        const plain = toPlainText(parseRichText(`\u202a${value}\u2066`)).replaceAll("\n", "");
        expect(plain).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it.each([
    ["stars", "*"],
    ["pairs of stars", "**a "],
    ["stars to and fro", "*a **b "],
    ["stars that close and open", "a**b*"],
    ["brackets", "["],
    ["brackets that close", "[a]"],
    ["brackets without a target", "[a]("],
    ["brackets with half a target", "]("],
    ["images", "![a]("],
    ["links", "[a](https://a.example/)"],
    ["targets in targets", "[a](https://a.example/("],
    ["labels like hosts", "[a.b.c.d"],
    ["back-ticks", "`"],
    ["back-ticks of three lengths", "` `` ``` "],
    ["quotes", "> "],
    ["quotes of many lines", ">>>>>>> a\n"],
    ["lists", "- "],
    ["lists of many lines", "- a\n  "],
    ["numbers", "1. a\n"],
    ["fences", "```\n"],
    ["white space", " "],
    ["blank lines", " \n"],
    ["addresses", "https://"],
    ["addresses with brackets", "https://a.example/("],
    ["addresses that end in stops", "https://a.example/...."],
    ["one letter", "a"],
    ["dots", "a."],
    ["the letter of addresses", "h"],
    ["marks without a shape", "\u200d"],
  ])("of 64 KiB of %s is read in time", (_name, piece) => {
    const size = 64 * 1024;
    const whole = piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
    for (const value of [whole, `${whole}](https://a.example/)`, `[${whole}](https://a.example/)`, `- > ${whole}`]) {
      const start = performance.now();
      toPlainText(parseRichText(value));
      // A text of this size takes some milliseconds; one that is read again for each character takes minutes.
      expect(performance.now() - start).toBeLessThan(1500);
    }
  });
});

describe("as plain text", () => {
  it("a link shows its address unless its label does, and blocks keep their shape", () => {
    const value =
      "**Hello** [shop](https://shop.example/a)\nhttps://shop.example\n\n- a\n- b\n\n> c\n> d\n\n9. e\n10. f";
    expect(toPlainText(parseRichText(value))).toBe(
      "Hello shop (https://shop.example/a)\nhttps://shop.example\n\n- a\n- b\n\n> c\n> d\n\n9. e\n10. f",
    );
    expect(toPlainText(parseRichText("[Call](tel:+15550100)"))).toBe("Call (+15550100)");
  });
});
