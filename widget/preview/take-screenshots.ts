// `node widget/preview/take-screenshots.ts <folder> [name ...]`: pictures of the states, or of those named, at 360, 768 and
// 1440 px, light, dark and right-to-left.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromiumPath, startChromium } from "../../server/src/pages/testing/chromium.ts";
import { startWidgetPreview } from "./serve.ts";

const widths: readonly (readonly [number, number])[] = [
  [360, 740],
  [768, 900],
  [1440, 900],
];
const looks = [
  { name: "light", colorScheme: "light", locale: "en" },
  { name: "dark", colorScheme: "dark", locale: "en" },
  { name: "rtl", colorScheme: "light", locale: "ar" },
] as const;

async function takeAll(folder: string, wanted: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const preview = await startWidgetPreview();
  const browser = await startChromium();
  try {
    for (const [width, height] of widths) {
      for (const { name: look, colorScheme, locale } of looks) {
        const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
        for (const name of wanted.length > 0 ? wanted : preview.names) {
          await page.goto(`${preview.origin}/host/${name}?locale=${locale}`);
          await page.waitForTimeout(150);
          await page.screenshot({ path: join(folder, `${name}-${width}-${look}.png`) });
        }
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await preview.close();
  }
}

const [folder, ...wanted] = process.argv.slice(2);
if (chromiumPath === undefined || folder === undefined) {
  process.stderr.write("Needs Chromium and the folder to write to.\n");
  process.exitCode = 1;
} else await takeAll(folder, wanted);
