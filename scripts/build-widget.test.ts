import { describe, expect, it } from "vitest";
import { buildWidget, compareDist, judgeSizes } from "./build-widget.ts";

describe("the built widget", () => {
  it("is within its sizes: the loader under 2 kB, the embed page under 30 kB, after gzip", async () => {
    const { manifest } = await buildWidget();
    expect(judgeSizes(manifest)).toEqual([]);
  });

  it("is what the sources give, byte for byte, each time", async () => {
    const { files } = await buildWidget();
    expect(compareDist(files)).toEqual([]);
    const again = await buildWidget();
    expect(again.files).toEqual(files);
  });

  it("holds nothing that a strict policy would refuse, and no address of elsewhere", async () => {
    const { files } = await buildWidget();
    for (const [name, text] of files) {
      expect(text, name).not.toMatch(/\beval\(|new Function\(|sourceMappingURL|\bdata:(?:image|font)/);
    }
    const style = [...files].find(([name]) => name.endsWith(".css"))?.[1] ?? "";
    expect(style).not.toMatch(/url\(|@import/);
  });

  it("CVE-2026-65592, CVE-2026-65597: has a sandbox on the frame that the loader makes", async () => {
    const { files } = await buildWidget();
    expect(files.get("loader.js")).toMatch(/\.sandbox\.add\(/);
  });

  it("says what is too large", () => {
    const file = { file: "x", integrity: "", bytes: 90_000, gzipBytes: 40_000 };
    expect(judgeSizes({ loader: file, embed: file, style: file })).toHaveLength(2);
  });
});
