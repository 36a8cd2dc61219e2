// Both drawings as a script for a page, under the name `both`.

import { join } from "node:path";
import { build } from "vite";

/** The text of the script. */
export async function bundleBoth(): Promise<string> {
  const result = await build({
    configFile: false,
    envDir: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      write: false,
      target: "es2022",
      minify: false,
      lib: { entry: join(import.meta.dirname, "both.ts"), formats: ["iife"], name: "both", fileName: "both" },
    },
  });
  const [built] = Array.isArray(result) ? result : [result];
  return built !== undefined && "output" in built ? built.output[0].code : "";
}
