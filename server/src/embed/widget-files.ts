// The built widget: what stands in its manifest, read once, and nothing else of its folder. Each file is served under a
// name that holds a hash of its bytes, so that it may be kept for good.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../kernel/errors.ts";
import { isIntegrityOf } from "../platform/crypto/integrity.ts";
import { type Asset, type AssetEnding, assetTypes, toAssetHash } from "../platform/http/asset.ts";
import { embedErrors } from "./errors.ts";

export interface WidgetFiles {
  /** What a website's page loads. */
  readonly loader: Asset;
  /** What runs in the frame. */
  readonly embed: Asset;
  readonly style: Asset;
  /** These three and whatever else they load. */
  readonly all: readonly Asset[];
}

/** Where the widget's build leaves its files. */
export const widgetFolder = join(import.meta.dirname, "../../../widget/dist");

/** SECURITY: a plain name, so that nothing outside the folder is read and nothing is served as another type. */
const plainName = /^([\w-]+)(\.[\w-]{8,64})?\.(css|js|svg|woff2)$/;

const Entry = z.object({ file: z.string().regex(plainName), integrity: z.string() });
const Manifest = z.object({ loader: Entry, embed: Entry, style: Entry }).catchall(Entry);

function readFile(folder: string, { file, integrity }: z.infer<typeof Entry>): Asset {
  const body = readFileSync(join(folder, file));
  if (!isIntegrityOf(integrity, body)) throw new AppError(embedErrors.unusableFiles, { note: `${file} was changed` });
  const [, name = "", hash = `.${toAssetHash(body)}`, ending = ""] = plainName.exec(file) ?? [];
  const path = `/widget/${name}${hash}.${ending}`;
  return { path, contentType: assetTypes[ending as AssetEnding], body, integrity };
}

/**
 * The files the widget's build left in `folder`; undefined when nothing was built. Throws `embed.unusable_files` for a
 * manifest that is none and for a file whose bytes are not those the manifest names.
 */
export function readWidgetFiles(folder: string): WidgetFiles | undefined {
  const manifestPath = join(folder, "manifest.json");
  if (!existsSync(manifestPath)) return undefined;
  try {
    const manifest = Manifest.parse(JSON.parse(readFileSync(manifestPath, "utf8")));
    const named = Object.entries(manifest).map(([name, entry]) => [name, readFile(folder, entry)] as const);
    const { loader, embed, style } = Object.fromEntries(named) as Record<"loader" | "embed" | "style", Asset>;
    return { loader, embed, style, all: named.map(([, file]) => file) };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(embedErrors.unusableFiles, { note: "manifest.json", cause });
  }
}
