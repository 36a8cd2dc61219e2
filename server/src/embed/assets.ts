// The files of our own pages here: what the demo page's look has besides the pages', and its one script.

import { join } from "node:path";
import { pageAssets } from "../pages/index.ts";
import { type Html, html, localLink } from "../platform/html/index.ts";
import { type Asset, type AssetEnding, readAsset } from "../platform/http/asset.ts";

const read = (name: string, ending: AssetEnding): Asset =>
  readAsset(join(import.meta.dirname, "assets"), "demo-assets", [name, ending]);

export const demoAssets = { style: read("demo", "css"), script: read("demo", "js") };

/** The look: the pages' own, and upon it what the demo page has besides. */
export function listStyles(): Html[] {
  return [pageAssets.style, demoAssets.style].map(
    ({ path, integrity }) => html`<link rel="stylesheet" href="${localLink(path)}" integrity="${integrity}">`,
  );
}
