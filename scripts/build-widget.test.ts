import { beforeAll, describe, expect, it } from "vitest";
import { buildWidget, compareDist } from "./build-widget.ts";
import { drawTable, judgeSizes, pageGzipBytesMax } from "./widget-sizes.ts";

describe("the built widget", () => {
  let built: Awaited<ReturnType<typeof buildWidget>>;
  beforeAll(async () => {
    built = await buildWidget();
  });

  it("is within its sizes: the loader under 2 kB, the embed page under 30 kB, after gzip", () => {
    expect(judgeSizes(built.manifest)).toEqual([]);
  });

  it("is what the sources give, byte for byte, each time", async () => {
    expect(compareDist(built.files)).toEqual([]);
    const again = await buildWidget();
    expect(again.files).toEqual(built.files);
  });

  it("holds nothing that a strict policy would refuse, and no address of elsewhere", () => {
    const { files } = built;
    for (const [name, text] of files) {
      expect(text, name).not.toMatch(/\beval\(|new Function\(|sourceMappingURL|\bdata:(?:image|font)/);
    }
    const style = [...files].find(([name]) => name.endsWith(".css"))?.[1] ?? "";
    expect(style).not.toMatch(/url\(|@import/);
  });

  it("CVE-2026-65592, CVE-2026-65597: has a sandbox on the frame that the loader makes", () => {
    expect(built.files.get("loader.js")).toMatch(/\.sandbox\.add\(/);
  });

  it("says what is too large: the loader, a normal visit, a part", () => {
    const file = { file: "part-x.js", integrity: "", bytes: 90_000, gzipBytes: 40_000 };
    expect(judgeSizes({ loader: file, embed: file, style: file })).toHaveLength(5);
    const small = { ...file, gzipBytes: 1_000 };
    expect(judgeSizes({ loader: small, embed: small, style: small })).toEqual([]);
  });

  it("counts all that a visit brings: one language, and every part that is not known as a seldom one", () => {
    const toFile = (name: string, gzipBytes: number) => ({
      file: `part-${name}.js`,
      integrity: "",
      bytes: 0,
      gzipBytes,
    });
    const small = toFile("small", 1_000);
    const words = { "part-en": toFile("en", 1_900), "part-zh-Hant": toFile("zh-Hant", 1_800) };
    const parts = { "part-off-hours": toFile("off-hours", 1_700), "part-other": toFile("other", 1_600) };
    const table = drawTable({ loader: small, embed: small, style: small, ...words, ...parts });
    const visit = pageGzipBytesMax + 2 * 1_000 + 1_900 + 1_600;
    expect(table).toContain(`*    ${visit}  a normal visit`);
    expect(table).toContain(`  ${visit + 1_000 + 1_800 + 1_700}  everything`);
  });
});
