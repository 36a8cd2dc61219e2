// A widget as its build leaves it, for tests: three small files and their manifest, in a folder of its own.

import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const sources = {
  loader: ["js", "/* loader */"],
  embed: ["js", 'document.getElementById("chat").textContent = "drawn";'],
  style: ["css", "#chat { color: green }"],
  chunk: ["js", "/* loaded by the frame when it is needed */"],
} as const;

/** An empty folder that goes with everything else of the run. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "parley-widget-"));
}

/** Writes the files. Returns the folder. */
export function writeSampleWidget(): string {
  const folder = makeFolder();
  const manifest = Object.fromEntries(
    Object.entries(sources).map(([name, [ending, text]]) => {
      const hash = createHash("sha384").update(text);
      const integrity = `sha384-${hash.digest("base64")}`;
      // The loader comes under its plain name.
      const file =
        name === "loader"
          ? "loader.js"
          : `${name}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}.${ending}`;
      writeFileSync(join(folder, file), text);
      return [name, { file, integrity }];
    }),
  );
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}
