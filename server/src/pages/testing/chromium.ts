// The system's Chromium, as the pages' tests and the screenshots use it.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const find = (places: readonly string[]): string | undefined => places.find((path) => existsSync(path));

/** Where the browser is, or undefined on a machine without one. */
export const chromiumPath = find(["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]);

/** The same engine without a browser's windows and settings. Opens a page for two thirds of the processor time. */
const shellPath = find(["/usr/bin/chromium-headless-shell"]);

/** No sandbox of its own: it opens loopback pages only. */
export const chromiumArgs = ["--no-sandbox", "--disable-dev-shm-usage"];

/** Starts the browser, without its windows where it can be had so. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: shellPath ?? chromiumPath ?? "", args: chromiumArgs });
}

/** Starts it whole: where time is measured, and where a browser's settings matter, such as what pages of third parties may keep. */
export function startWholeChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? "", args: chromiumArgs });
}
