// The three files every page uses, read once. Each is served under an address that holds the hash of its bytes, so a
// browser may keep it for good, and the pages name the hash again (`integrity`), so nothing on the way can change it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../platform/crypto/hmac.ts";
import type { HeaderList } from "../platform/http/surface-headers.ts";

export interface PageAsset {
  /** `/assets/pages.<hash>.css`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** For the attribute of that name (Subresource Integrity). */
  readonly integrity: string;
}

const contentTypes = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
} as const;

function readAsset(name: string, ending: keyof typeof contentTypes): PageAsset {
  const body = readFileSync(join(import.meta.dirname, "assets", `${name}.${ending}`));
  const hash = sha256(body);
  const path = `/assets/${name}.${hash.toString("hex").slice(0, 16)}.${ending}`;
  return { path, contentType: contentTypes[ending], body, integrity: `sha256-${hash.toString("base64")}` };
}

export const pageAssets = {
  style: readAsset("pages", "css"),
  script: readAsset("passkey", "js"),
  mark: readAsset("mark", "svg"),
};

/** Every asset, for whoever binds their addresses. */
export const listPageAssets = (): readonly PageAsset[] => Object.values(pageAssets);

/** The headers of an asset: kept for a year, of one type, for this origin's pages only. */
export function listAssetHeaders(asset: PageAsset): HeaderList {
  return [
    ["cache-control", "public, max-age=31536000, immutable"],
    ["content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
    ["content-type", asset.contentType],
    ["cross-origin-resource-policy", "same-origin"],
    ["x-content-type-options", "nosniff"],
  ];
}
