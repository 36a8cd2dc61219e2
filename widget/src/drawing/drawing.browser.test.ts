// The widget drawn by this folder and the widget drawn by Preact, side by side in a real browser: the same elements,
// attributes, texts, values and focus in every state and after everything that a visitor or the chat does. Needs Chromium;
// says so and skips where there is none.

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../../../server/src/pages/testing/chromium.ts";
import { startWidgetPreview, type WidgetPreview } from "../../preview/serve.ts";
import { courses } from "./testing/courses.ts";
import { markTree, readFocus, readTree } from "./testing/read-page.ts";

if (chromiumPath === undefined) {
  process.stderr.write("Drawing is not compared with Preact's: Chromium is not installed on this machine.\n");
}

/** Everything twice, instead of a sample. */
const isWhole = process.env["PARLEY_SUITE"] === "whole";

/** Both pages live at the same moment, which stands still, at the beginning of a minute. */
const stillClock =
  'performance.now = () => 1000; Object.defineProperty(performance, "timeOrigin", { value: 1_763_700_000_000 })';

describe.skipIf(chromiumPath === undefined)("the widget, drawn by Preact and by itself", { timeout: 180_000 }, () => {
  let browser: Browser;
  let own: WidgetPreview;
  let preact: WidgetPreview;

  beforeAll(async () => {
    own = await startWidgetPreview();
    preact = await startWidgetPreview(0, []);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await own?.close();
    await preact?.close();
  });

  async function withPages(
    options: BrowserContextOptions,
    use: (pages: readonly Page[]) => Promise<void>,
  ): Promise<void> {
    const open = () =>
      browser.newContext({ viewport: { width: 436, height: 700 }, reducedMotion: "reduce", ...options });
    const contexts = [await open(), await open()];
    try {
      const pages = await Promise.all(contexts.map((context) => context.newPage()));
      for (const page of pages) {
        await page.addInitScript(
          `${stillClock}; Object.assign(window, { ${String(readTree)}, ${String(markTree)}, ${String(readFocus)} })`.replaceAll(
            /(?<=[{,] )function /g,
            "",
          ),
        );
      }
      await use(pages);
    } finally {
      await Promise.all(contexts.map((context) => context.close()));
    }
  }

  const visit = (pages: readonly Page[], path: string) =>
    Promise.all(
      pages.map(async (page, index) => {
        await page.goto(`${[own, preact][index]?.origin}/states/${path}`);
        await page.locator("button").first().waitFor();
      }),
    );

  const read = async (page: Page) =>
    JSON.stringify(
      await page.evaluate("[readFocus(), chat.asked, readTree(document.documentElement.lastElementChild)]"),
      null,
      1,
    );

  /** What both pages say at rest, also which elements are those that stood there before. */
  async function readBoth(pages: readonly Page[]): Promise<readonly string[]> {
    await Promise.all(pages.map((page) => page.waitForTimeout(80)));
    let texts = await Promise.all(pages.map(read));
    if (texts[0] !== texts[1]) {
      // A part or a picture may still be on its way.
      await pages[0]?.waitForTimeout(400);
      texts = await Promise.all(pages.map(read));
    }
    await Promise.all(pages.map((page) => page.evaluate("markTree(document.body)")));
    return texts;
  }

  it.each<[string, BrowserContextOptions, string]>([
    ["light", {}, ""],
    ["dark, right to left, 360 px", { colorScheme: "dark", viewport: { width: 360, height: 640 } }, "?locale=ar"],
  ])("is the same in every state: %s", async (_, options, query) => {
    await withPages(options, async (pages) => {
      expect(own.names.length).toBeGreaterThan(30);
      // In `npm test` every third state a second time: the other setting has drawn them all.
      const names = own.names.filter((_name, index) => query === "" || isWhole || index % 3 === 0);
      for (const name of names) {
        await visit(pages, name + query);
        const [drawn, expected] = await readBoth(pages);
        expect(drawn, name).toBe(expected);
      }
    });
  });

  it.each(courses)("is the same after each step: %s", async (_, state, steps) => {
    await withPages({}, async (pages) => {
      await visit(pages, state);
      await readBoth(pages);
      for (const [index, step] of steps.entries()) {
        await Promise.all(pages.map(step));
        const [drawn, expected] = await readBoth(pages);
        expect(drawn, `step ${index + 1}`).toBe(expected);
      }
    });
  });

  it("is drawn by Preact on one side only", async () => {
    await withPages({}, async (pages) => {
      await visit(pages, "greeting");
      // Preact notes on the element that it draws into what it drew.
      const notes = 'Object.keys(document.getElementById("chat")).filter((name) => name.startsWith("_")).length > 0';
      expect(await Promise.all(pages.map((page) => page.evaluate(notes)))).toEqual([false, true]);
    });
  });
});
