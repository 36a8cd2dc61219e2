// `node tests/support/take-chat-screenshots.ts`: the demo page of a fresh server with an open conversation, as pictures under
// docs/screens at 360, 768 and 1440 px, in light, in dark and from right to left. Run by hand when the chat's look changes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { chromiumPath, startChromium } from "../../server/src/pages/testing/chromium.ts";
import { callParley, findFrame, holdChat } from "./chat-browser.ts";
import { openChatHouse } from "./chat-house.ts";

const folder = join(import.meta.dirname, "..", "..", "docs", "screens");
const sizes: readonly (readonly [number, number])[] = [
  [360, 740],
  [768, 900],
  [1440, 900],
];
const looks = [
  { look: "light", colorScheme: "light", locale: "en" },
  { look: "dark", colorScheme: "dark", locale: "en" },
  { look: "rtl", colorScheme: "light", locale: "ar" },
] as const;
const bytesMax = 60_000;

/** Says enough to show text, a picture, cards and quick replies. */
async function converse(page: Page, locale: string): Promise<void> {
  await findFrame(page);
  await callParley(page, "setLocale", locale);
  await callParley(page, "open");
  const { frame, say, see } = await holdChat(page);
  await frame.getByRole("textbox").waitFor();
  for (const [word, text] of [
    ["order 42", "Order 42 received"],
    ["image", "A picture with a caption"],
    ["quick", "Was this useful?"],
  ] as const) {
    await say(word);
    await see(text);
  }
  await page.waitForTimeout(800);
}

/** As WebP, which is a third of the size of PNG. */
async function take(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  const bytes = Buffer.from(data, "base64");
  writeFileSync(path, bytes);
  if (bytes.length > bytesMax) process.stderr.write(`${path} is ${bytes.length} bytes, more than ${bytesMax}\n`);
}

async function takeAll(): Promise<void> {
  const [house, browser] = await Promise.all([openChatHouse(), startChromium()]);
  try {
    const { demoPageUrl } = house.app.channels.web;
    for (const [width, height] of sizes) {
      for (const { look, colorScheme, locale } of looks) {
        const options = { viewport: { width, height }, colorScheme, locale, reducedMotion: "reduce" } as const;
        const page = await browser.newPage(options);
        await page.goto(demoPageUrl);
        await converse(page, locale);
        await take(page, join(folder, `chat-${width}-${look}.webp`));
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await house.close();
  }
}

if (chromiumPath === undefined) {
  process.stderr.write("Chromium is not installed, so no pictures were taken.\n");
  process.exitCode = 1;
} else await takeAll();
