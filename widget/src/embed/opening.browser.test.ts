// How quickly the widget opens in a real browser, which is alone with the machine. Needs Chromium; says so and skips where
// there is none.

import { expect, it, onTestFinished } from "vitest";
import { chromiumPath, startWholeChromium } from "../../../server/src/pages/testing/chromium.ts";
import { startWidgetPreview } from "../../preview/serve.ts";

if (chromiumPath === undefined) {
  process.stderr.write("The widget's opening is not timed: Chromium is not installed on this machine.\n");
}

/** From the press to the drawn panel, in milliseconds. */
const openAndDraw = `new Promise((done) => {
  const at = performance.now();
  document.querySelector(".launcher").click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - at)));
})`;

it.skipIf(chromiumPath === undefined)(
  "opens in under 100 ms with the focus in the composer, and gives it back",
  async () => {
    const preview = await startWidgetPreview();
    onTestFinished(() => preview.close());
    const browser = await startWholeChromium();
    onTestFinished(() => browser.close());
    // With nothing kept from an earlier visit.
    const visit = () => browser.newPage({ viewport: { width: 436, height: 756 }, reducedMotion: "reduce" });
    let page = await visit();
    // The best of three: what else the machine does is not the widget's.
    const openedMs: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      if (turn > 0) page = await visit();
      await page.goto(`${preview.origin}/states/launcher-unread`);
      await page.getByRole("button", { name: "Unread messages: 3" }).waitFor();
      openedMs.push(Number(await page.evaluate(openAndDraw)));
    }
    expect(Math.min(...openedMs)).toBeLessThan(100);
    await expect.poll(() => page.evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
    await page.keyboard.type("half a thought");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("launcher");
    expect(await page.locator(".badge").count()).toBe(0);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("textbox").inputValue()).toBe("half a thought");
  },
);
