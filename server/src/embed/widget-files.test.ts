import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError } from "../kernel/errors.ts";
import { embedErrors } from "./errors.ts";
import { makeFolder, writeSampleWidget } from "./testing/sample-widget.ts";
import { readWidgetFiles, widgetFolder } from "./widget-files.ts";

function isRefused(folder: string): boolean {
  try {
    readWidgetFiles(folder);
  } catch (error) {
    return isError(error, embedErrors.unusableFiles);
  }
  return false;
}

function alter(change: (manifest: Record<string, { file: string; integrity: string }>) => unknown): string {
  const folder = writeSampleWidget();
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify(change(manifest) ?? manifest));
  return folder;
}

describe("the files of the widget", () => {
  it("are those of the manifest, with their types and hashes", () => {
    const files = readWidgetFiles(writeSampleWidget());
    expect(files?.all.length).toBe(4);
    expect(files?.loader.path).toMatch(/^\/widget\/loader\.[0-9a-f]{16}\.js$/);
    expect(files?.style.contentType).toBe("text/css; charset=utf-8");
    expect(files?.embed.integrity).toMatch(/^sha384-/);
  });

  it("are there without a build step: those that are checked in are whole", () => {
    expect(readWidgetFiles(widgetFolder)?.all.length).toBeGreaterThan(2);
  });

  it("are none where nothing was built", () => {
    expect(readWidgetFiles(makeFolder())).toBeUndefined();
    expect(readWidgetFiles("/nowhere/at/all")).toBeUndefined();
  });

  it("are refused when a byte is not the one that was built", () => {
    const folder = writeSampleWidget();
    const name = readdirSync(folder).find((one) => one.startsWith("embed.")) ?? "";
    appendFileSync(join(folder, name), " ");
    expect(isRefused(folder)).toBe(true);
  });

  it.each(["../../package.json", "/etc/passwd", "a/b.12345678.js", "loader.12345678.html", ".12345678.js", ""])(
    "are never read from outside the folder or as another type: %j",
    (file) => {
      expect(isRefused(alter(({ loader, ...rest }) => ({ ...rest, loader: { ...loader, file } })))).toBe(true);
    },
  );

  it("are refused without one that is needed, or with a manifest that is none", () => {
    expect(isRefused(alter(({ style: _style, ...rest }) => rest))).toBe(true);
    expect(isRefused(alter(() => []))).toBe(true);
    const folder = writeSampleWidget();
    writeFileSync(join(folder, "manifest.json"), "{");
    expect(isRefused(folder)).toBe(true);
  });

  it("are refused when the manifest's hash is none", () => {
    for (const integrity of ["", "sha384-", "md5-AAAA", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="]) {
      const folder = alter(({ loader, ...rest }) => ({ ...rest, loader: { file: loader?.file ?? "", integrity } }));
      expect(isRefused(folder)).toBe(true);
    }
  });
});
