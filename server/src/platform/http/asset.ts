// A file that our pages load, read once. It is served under an address that holds the hash of its bytes, so a browser may
// keep it for good, and pages name a hash again (`integrity`), so nothing on the way can change it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../crypto/hmac.ts";
import { toIntegrity } from "../crypto/integrity.ts";

export interface Asset {
  /** `/assets/pages.<hash>.css`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** For the attribute of that name (Subresource Integrity). */
  readonly integrity: string;
}

export const assetTypes = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  woff2: "font/woff2",
} as const;

export type AssetEnding = keyof typeof assetTypes;

/** The part of an address that changes with the bytes. */
export function toAssetHash(body: Buffer): string {
  return sha256(body).toString("hex").slice(0, 16);
}

/** Reads `name.ending` of `folder`, to be served below `/${prefix}/`. */
export function readAsset(folder: string, prefix: string, [name, ending]: readonly [string, AssetEnding]): Asset {
  const body = readFileSync(join(folder, `${name}.${ending}`));
  const path = `/${prefix}/${name}.${toAssetHash(body)}.${ending}`;
  return { path, contentType: assetTypes[ending], body, integrity: toIntegrity(body) };
}
