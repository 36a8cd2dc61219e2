// The files of our own pages here: the demo page's look and its one script, and the mark. Read once, served under the hash
// of their bytes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../platform/crypto/hmac.ts";
import { toIntegrity } from "../platform/crypto/integrity.ts";
import type { WidgetFile } from "./widget-files.ts";

function readAsset(name: string, ending: "css" | "js", contentType: string): WidgetFile {
  const body = readFileSync(join(import.meta.dirname, "assets", `${name}.${ending}`));
  const path = `/demo-assets/${name}.${sha256(body).toString("hex").slice(0, 16)}.${ending}`;
  return { path, contentType, body, integrity: toIntegrity(body) };
}

export const demoAssets = {
  style: readAsset("demo", "css", "text/css; charset=utf-8"),
  script: readAsset("demo", "js", "text/javascript; charset=utf-8"),
};
