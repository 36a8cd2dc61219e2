// `node server/src/pages/testing/take-screenshots.ts [name ...]`: every page, or those named, as pictures under docs/screens
// at 390 and 1440 px, light and dark. Run by hand when the pages' look changes.

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { chromiumPath, startChromium } from "./chromium.ts";
import { startPreview } from "./preview-server.ts";
import { samplePages } from "./sample-pages.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "..", "docs", "screens");
const widths = [390, 1440];
const schemes = ["light", "dark"] as const;
const bytesMax = 150_000;

async function takeAll(names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const preview = await startPreview();
  const browser = await startChromium();
  try {
    for (const width of widths) {
      for (const colorScheme of schemes) {
        const viewport = { width, height: width < 600 ? 844 : 900 };
        const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
        for (const name of names) {
          await page.goto(`${preview.origin}/${name}`);
          const path = join(folder, `${name.replaceAll("/", "-")}-${width}-${colorScheme}.png`);
          await page.screenshot({ path, fullPage: true });
          const { size } = statSync(path);
          if (size > bytesMax) process.stderr.write(`${path} is ${size} bytes, more than ${bytesMax}\n`);
        }
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await preview.close();
  }
}

if (chromiumPath === undefined) {
  process.stderr.write("Chromium is not installed, so no pictures were taken.\n");
  process.exitCode = 1;
} else {
  const named = process.argv.slice(2);
  await takeAll(named.length > 0 ? named : Object.keys(samplePages));
}
