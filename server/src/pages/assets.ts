// The three files every page uses.

import { join } from "node:path";
import { type Asset, type AssetEnding, readAsset } from "../platform/http/asset.ts";

const read = (name: string, ending: AssetEnding): Asset =>
  readAsset(join(import.meta.dirname, "assets"), "assets", [name, ending]);

export const pageAssets = {
  style: read("pages", "css"),
  script: read("passkey", "js"),
  mark: read("mark", "svg"),
};

/** Every asset, for whoever binds their addresses. */
export const listPageAssets = (): readonly Asset[] => Object.values(pageAssets);
