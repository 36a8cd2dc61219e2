// The files of the demo: pictures, a sound, a film and a document of its own, kept as any app's files are, so that nothing
// the demo shows is fetched from anywhere.

import { readFileSync } from "node:fs";
import type { Core } from "../core.ts";
import { createFileDeps, type FilePlace, keepFile } from "../domains/files/index.ts";
import type { OutboundClient } from "../platform/outbound/index.ts";

const folder = new URL("demo-files/", import.meta.url);
const names = ["shop.png", "lamp.png", "chair.png", "guide.pdf", "tour.webm", "chime.wav"];
/** What stands for the files in the example. */
const placeholder = "https://parley.example/demo/";

/** The addresses of the example's files, each with that of the file kept for it. */
export type DemoFiles = ReadonlyMap<string, string>;

/** Keeps the files in an app. Call it with no transaction open. */
export async function keepDemoFiles(core: Core, place: FilePlace, outbound: OutboundClient): Promise<DemoFiles> {
  const { database, keychain, config } = core;
  const quotas = { appBytesMax: config.PARLEY_FILES_APP_BYTES_MAX };
  const deps = createFileDeps({ database, keychain, outbound, scanUrl: config.PARLEY_SCAN_URL, quotas });
  const kept = names.map(async (name): Promise<[string, string]> => {
    const { fileId } = await keepFile(deps, place, {
      bytes: readFileSync(new URL(name, folder)),
      name,
      purpose: "app",
    });
    return [`${placeholder}${name}`, `file:${fileId}`];
  });
  return new Map(await Promise.all(kept));
}

/** The example with the addresses of the kept files. */
export function withFiles(example: string, files: DemoFiles): string {
  return [...files].reduce((text, [from, to]) => text.replaceAll(`"${from}"`, `"${to}"`), example);
}
