// The system's Chromium, as the pages' tests and the screenshots use it.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the browser is, or undefined on a machine without one. */
export const chromiumPath = places.find((path) => existsSync(path));

/** Starts the browser. No sandbox of its own: it opens loopback pages only. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
