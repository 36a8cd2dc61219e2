// The rules of drawing in a real browser, with this folder's drawing and with Preact's: both answer what is expected. Needs
// Chromium; says so and skips where there is none.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../../../server/src/pages/testing/chromium.ts";
import type { RuleName, Tree, Which } from "./testing/both.ts";
import { bundleBoth } from "./testing/bundle-both.ts";

if (chromiumPath === undefined) {
  process.stderr.write("Drawing is not tried in a browser: Chromium is not installed on this machine.\n");
}

const views = join(import.meta.dirname, "../embed");
const readSources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/test/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));

describe.skipIf(chromiumPath === undefined)("drawing", { timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const script = await bundleBoth();
    browser = await startChromium();
    page = await browser.newPage();
    await page.addScriptTag({ content: script });
  });

  afterAll(() => browser?.close());

  const tryRule = (which: Which, name: RuleName) => page.evaluate(`both.tryRule("${which}", "${name}")`);

  it.each<[string, RuleName, unknown]>([
    ["keeps the element of a key wherever it goes", "keys", ["dxba", [3, -1, 1, 0]]],
    [
      "keeps a field, its focus and selection where a child before it comes and goes",
      "positions",
      ["first", true, 1, 3, true, "typed", ""],
    ],
    ["calls the handler of the last drawing, and none once it is gone", "handlers", ["one button", "two"]],
    ["does not take what a handler answers for a refusal", "answers", true],
    ["sets the value that the visitor changed, as a property", "value", ["drawn", null, "drawn", "two"]],
    ["selects an option as a property", "selected", ["ar", "en", "en"]],
    ["writes and changes custom properties", "style", ["1.5", "2"]],
    ["fills a ref before layout effects and empties it with its element", "refs", ["b", "i", undefined, "u"]],
    ["knows hooks by their order, and draws once for several changes", "states", ["1 a 1", "3 a 2", "3 b 3", 3]],
    ["begins again where another view or another key stands", "typesOfViews", ["a", "a", "c", "d", "e"]],
    ["ends as many effects as it began in a view that goes before it was shown", "endsBeforeShown", true],
    ["draws nothing for a change of a view that is gone", "gone", "none"],
    ["draws the readers of a context again, also under an element that did not change", "context", ["one", "two"]],
    ["puts what a view begins to draw between its neighbours", "ownOrder", ["[]", "[bb]", "[aabb]", "[aa]"]],
    [
      "makes drawings in the namespace of drawings",
      "svg",
      [
        ["http://www.w3.org/2000/svg", '<svg viewBox="0 0 24 24"><path d="M0 0"></path></svg>'],
        ["http://www.w3.org/2000/svg", '<path d="M0 0"></path>'],
      ],
    ],
    ["shows words as words", "words", [1, "<img src=x onerror=hostile=1>0", "<img src=x onerror=hostile=1>", 3]],
    ["makes a value again when what it depends on is another", "memo", ["1:1", "1:1", "2:2", "NaN:3", "NaN:3"]],
    ["keeps the focus where others come, go and leave", "focusOfMoved", ["b", "b", "b", "b"]],
    [
      "runs effects when their dependencies changed, each after the end of the one before",
      "effects",
      [
        ...["layout 1 true 1 1", "late 1", "each 1", "once", "-", "each 2", "-"],
        ...["end layout 1", "layout 2 true 2 2", "end late 1", "late 2", "each 2", "-"],
      ],
    ],
    ["ends the effects of a view that goes", "ends", ["late", "layout"]],
  ])("as Preact, %s", async (_, name, expected) => {
    expect(await tryRule("own", name)).toEqual(expected);
    expect(await tryRule("preact", name)).toEqual(expected);
  });

  it("takes an attribute away where Preact leaves an empty one", async () => {
    const drawn = [
      ["aria-hidden=true", "class=b", "data-x=true", "hidden=", "lang=", "tabindex=0", "title=a"],
      ["aria-hidden=false", "class=", "data-x=false", "tabindex=-1"],
      [],
      ["aria-label=c", "disabled=", "popover=auto", "popovertarget=menu"],
      [],
    ];
    expect(await tryRule("own", "attributes")).toEqual(drawn);
    const others = (await tryRule("preact", "attributes")) as string[][];
    const isLeft = (one: string, at: number) => at > 0 && (one === "lang=" || one === "title=");
    expect(others.map((names, at) => names.filter((one) => !isLeft(one, at)))).toEqual(drawn);
  });

  it("runs the effects of a view before those of the views in it, which Preact runs after", async () => {
    expect(await tryRule("own", "orderOfEffects")).toEqual([
      "layout out",
      "layout in",
      "layout next",
      "late out",
      "late in",
      "late next",
    ]);
    expect(await tryRule("preact", "orderOfEffects")).toEqual([
      "layout in",
      "layout next",
      "layout out",
      "late in",
      "late next",
      "late out",
    ]);
  });

  it("goes on drawing when a view or an effect throws, and says so where mistakes of scripts are heard", async () => {
    expect(await tryRule("own", "mistakes")).toEqual([
      ["faulty 1sound 1", "faulty 2sound 2", "faulty 3sound 3", "faulty 3sound 4", "faulty 3sound 5"],
      ["late", "layout", "view", "end"],
    ]);
  });

  const { tree } = fc.letrec<{ tree: Tree; kids: Tree[] }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<Tree>("text", "", "<b>", 0, 7, null, false, true),
      fc.record({
        tag: fc.constantFrom("p", "span", "button", "textarea", undefined, undefined),
        key: fc.option(fc.constantFrom("a", "b", "c", "d", "e"), { nil: undefined }),
        props: fc.record(
          {
            id: fc.constantFrom("x", "y"),
            class: fc.constantFrom("", "one", "one two"),
            hidden: fc.boolean(),
            "aria-hidden": fc.boolean(),
            "data-x": fc.oneof(fc.boolean(), fc.constantFrom("z")),
            tabIndex: fc.constantFrom(0, -1),
          },
          { requiredKeys: [] },
        ),
        kids: tie("kids"),
      }),
      tie("kids"),
    ),
    kids: fc.uniqueArray(tie("tree"), {
      maxLength: 5,
      selector: (one) => (typeof one === "object" && one !== null && "kids" in one && one.key) || Symbol("none"),
    }),
  }));

  it("draws any trees one after another to what the last alone gives, and to what Preact gives", async () => {
    const draw = (which: Which, trees: readonly Tree[]) =>
      page.evaluate(`JSON.stringify(both.drawTrees("${which}", ${JSON.stringify(trees)}))`);
    const trees = fc.array(tree, { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(trees, async (some) => {
        const drawn = await draw("own", some);
        expect(drawn).toBe(await draw("own", some.slice(-1)));
        expect(drawn).toBe(await draw("preact", some.slice(-1)));
        // Preact leaves an empty `id` where one goes, as it does with `title`.
        const others = String(await draw("preact", some)).replaceAll(/,"id="|"id=",?/g, "");
        expect(drawn).toBe(others);
      }),
      { numRuns: 400 },
    );
  });
});

describe("the sources of the views", () => {
  it("never make elements from text", () => {
    const sources = [...readSources(views), ...readSources(import.meta.dirname)].join("\n");
    expect(sources).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|DOMParser|setHTML|document\.write/,
    );
  });

  it("use nothing of Preact's interface that is not drawn", () => {
    const sources = readSources(views).join("\n");
    expect(sources).not.toMatch(/\b(?:checked|defaultValue|defaultChecked|htmlFor)=|\bon\w+Capture=/);
    expect(sources).not.toMatch(/<[a-z][^<]*\bclassName=/);
    expect(sources).not.toMatch(/\bstyle=\{(?!\{ "--)/);
    expect(sources).not.toMatch(/\bref=\{\(|\buseState(?:<[^(]*>)?\(\(\)/);
    const imported = [...sources.matchAll(/^import \{([^}]*)\} from "preact(?:\/hooks)?";/gm)]
      .flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()))
      .filter((name) => name !== "");
    const drawn = readFileSync(join(import.meta.dirname, "index.ts"), "utf8");
    expect(imported.length).toBeGreaterThan(20);
    expect(imported.filter((name) => !new RegExp(`\\b${name}\\b`).test(drawn))).toEqual([]);
  });
});
