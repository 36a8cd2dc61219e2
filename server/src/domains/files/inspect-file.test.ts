import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import { inspectFile } from "./inspect-file.ts";
import { accepted, makeArchive, makeGif, makeJpeg, makePng, makeWebp } from "./testing/samples.ts";
import { fileLimits } from "./types.ts";

/** What became of it: the type, or the code and the part at fault. */
async function judge(bytes: Buffer | string, name: string | undefined): Promise<string> {
  try {
    return (await inspectFile(Buffer.from(bytes), name)).type;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.code} ${error.mistakes[0]?.path}`;
  }
}

const png = makePng();
const pdf = Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1");
const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
const program = Buffer.concat([Buffer.from("MZ\x90\0\x03\0\0\0", "latin1"), Buffer.alloc(512)]);
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);

describe("what is accepted", () => {
  it.each(accepted)("%s", async (name, bytes, type, kind) => {
    expect(await inspectFile(bytes, name)).toMatchObject({ name, type, kind, bytes: bytes.length });
  });

  it("reads how large images are, and takes one that is as large as is allowed", async () => {
    const measure = async (bytes: Buffer): Promise<unknown> => {
      const { width, height } = await inspectFile(bytes, undefined);
      return [width, height];
    };
    expect(await measure(makePng(3, 2))).toEqual([3, 2]);
    expect(await measure(makeJpeg(5, 4, 65_000))).toEqual([5, 4]);
    expect(await measure(makeGif(7, 6))).toEqual([7, 6]);
    expect(await measure(makeWebp(9, 8))).toEqual([9, 8]);
    expect(await measure(makePng(8192, 4882))).toEqual([8192, 4882]);
  });

  it("gives a file without an ending the one of its type, and a file without a name that of its kind", async () => {
    expect((await inspectFile(png, "screenshot")).name).toBe("screenshot.png");
    expect((await inspectFile(pdf, undefined)).name).toBe("file.pdf");
    expect((await inspectFile(makeJpeg(), undefined)).name).toBe("image.jpg");
  });
});

describe("what is refused, and which part is said to be at fault", () => {
  it.each([
    ["nothing", "", "a.txt", "files.empty bytes"],
    ["a drawing with a script", svg, "logo.svg", "files.type_refused bytes"],
    ["a drawing called an image", svg, "logo.png", "files.type_refused bytes"],
    ["a drawing called text", svg, "logo.txt", "files.type_refused bytes"],
    ["a drawing behind a prologue", `<?xml version="1.0"?>${svg}`, "logo.txt", "files.type_mismatch name"],
    ["a page", "<!doctype html><script>alert(1)</script>", "page.html", "files.type_refused bytes"],
    ["a page called text", "\n  <HTML><body onload=alert(1)>", "page.txt", "files.type_refused bytes"],
    ["a script called a table", "<script>alert(1)</script>", "rows.csv", "files.type_refused bytes"],
    ["a program", program, "setup.exe", "files.type_refused bytes"],
    ["a program called an image", program, "photo.png", "files.type_mismatch name"],
    ["a program called text", program, "notes.txt", "files.type_mismatch name"],
    ["an image called a document", png, "letter.pdf", "files.type_mismatch name"],
    ["an image called a program", png, "photo.php", "files.type_mismatch name"],
    ["a document called text", pdf, "notes.txt", "files.type_mismatch name"],
    [
      "an archive called a document",
      makeArchive([{ name: "a", content: "b" }]),
      "letter.docx",
      "files.type_mismatch name",
    ],
    ["text in another encoding", Buffer.from("Gr\xfc\xdfe", "latin1"), "notes.txt", "files.type_refused bytes"],
    ["text with a NUL", "a\0b", "notes.txt", "files.type_refused bytes"],
    ["text with an escape sequence", "\x1b[2Jhello", "notes.txt", "files.type_refused bytes"],
    ["text with a control character of two bytes", "a\u009bb", "notes.txt", "files.type_refused bytes"],
    ["text cut within a character", Buffer.from("Grüß").subarray(0, 5), "notes.txt", "files.type_refused bytes"],
    ["text without an ending", "hello there", "README", "files.type_refused bytes"],
    [
      "a Java archive",
      makeArchive([{ name: "META-INF/MANIFEST.MF", content: "x" }]),
      "a.zip",
      "files.type_mismatch name",
    ],
    ["an image of 10,000 pixels", makePng(10_000, 10), "wide.png", "files.image_too_large bytes"],
    ["an image of 60 megapixels", makeJpeg(8000, 7500), "big.jpg", "files.image_too_large bytes"],
    ["an image of no size", makeGif(0, 10), "none.gif", "files.damaged bytes"],
    ["an image that is all promise", png.subarray(0, 20), "cut.png", "files.damaged bytes"],
  ])("CVE-2026-41269: %s", async (_what, bytes, name, verdict) => {
    expect(await judge(bytes, name)).toBe(verdict);
  });

  it("a file over the bound, by what it holds and not by what it says", async () => {
    expect(await judge(Buffer.alloc(fileLimits.bytesMax + 1), "big.bin")).toBe("files.too_large bytes");
  });

  it.each([
    ["../../etc/passwd.png", "files.name_refused name"],
    ["a/b.png", "files.name_refused name"],
    ["a\\b.png", "files.name_refused name"],
    ["C:\\Users\\a.png", "files.name_refused name"],
    ["a..png", "files.name_refused name"],
    [".htaccess", "files.name_refused name"],
    [".png", "files.name_refused name"],
    ["photo.png.", "files.name_refused name"],
    ["photo.png ", "files.name_refused name"],
    ["photo\u202egnp.exe", "files.name_refused name"],
    ["photo\0.png", "files.name_refused name"],
    ["photo\r\nSet-Cookie: a.png", "files.name_refused name"],
    ["\ud800.png", "files.name_refused name"],
    ["", "files.name_refused name"],
    [`${"a".repeat(197)}.png`, "files.name_refused name"],
    ["photo.php.png", "files.double_extension name"],
    ["photo.PHTML .png", "files.double_extension name"],
    ["shell.jsp.v2.png", "files.double_extension name"],
    ["invoice.pdf.exe", "files.double_extension name"],
    ["logo.svg.png", "files.double_extension name"],
    [`${"a".repeat(196)}.png`, "image/png"],
    ["shop.example.com.png", "image/png"],
    ["php.png", "image/png"],
  ])("GHSA-w6v6-49gh-mc9w, GHSA-88pr-878c-24wf, CVE-2026-48763: the name %j", async (name, verdict) => {
    expect(await judge(png, name)).toBe(verdict);
  });

  it("says in a sentence what to do, and repeats nothing of the file", async () => {
    const error: unknown = await inspectFile(program, "marker-name.png").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 422, detail: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(JSON.stringify((error as AppError).mistakes)).not.toContain("marker");
  });
});

describe("archives", () => {
  const mega = 1024 * 1024;

  it.each([
    ["a bomb that says what it is", [{ name: "bomb", content: zeros(30 * mega) }], "files.archive_bomb bytes"],
    [
      "a bomb in many parts",
      Array.from({ length: 40 }, (_, n) => ({ name: `${n}`, content: zeros(mega) })),
      "files.archive_bomb bytes",
    ],
    [
      "a bomb that says it is small",
      [{ name: "bomb", content: zeros(30 * mega), saysBytes: 10 }],
      "files.archive_refused bytes",
    ],
    ["too many entries", Array.from({ length: 10_001 }, (_, n) => ({ name: `${n}` })), "files.archive_bomb bytes"],
    ["a path that leads out", [{ name: "../../etc/cron.d/a", content: "x" }], "files.archive_refused bytes"],
    ["a path from the root", [{ name: "/etc/passwd", content: "x" }], "files.archive_refused bytes"],
    ["a path with a drive", [{ name: "C:/a", content: "x" }], "files.archive_refused bytes"],
    ["a path that leads out backwards", [{ name: "..\\..\\a", content: "x" }], "files.archive_refused bytes"],
    ["a link", [{ name: "a", content: "/etc/passwd", mode: 0o120777 }], "files.archive_refused bytes"],
    ["a device", [{ name: "a", mode: 0o060644 }], "files.archive_refused bytes"],
    ["a password", [{ name: "a", content: "x", isEncrypted: true }], "files.archive_refused bytes"],
    ["what packs well and is small", [{ name: "a", content: zeros(mega / 2) }], "application/zip"],
  ])("CVE-2021-41127: %s", async (_what, entries, verdict) => {
    expect(await judge(makeArchive(entries), "a.zip")).toBe(verdict);
  });

  it("stops at the bound: a bomb costs what the bound costs, and others get their turn meanwhile", async () => {
    const bomb = makeArchive([{ name: "bomb", content: zeros(150 * mega) }]);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const verdict = await judge(bomb, "bomb.zip");
    isOver = true;
    expect(verdict).toBe("files.archive_bomb bytes");
    // It packs a thousandfold: at a hundred times its size, a tenth of it, unpacking ends.
    expect(turns).toBeGreaterThan(50);
  });

  it("refuses macros in documents that say they have none", async () => {
    const type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    const types = { name: "[Content_Types].xml", content: `<Types><Override ContentType="${type}"/></Types>` };
    const document = makeArchive([types, { name: "word/vbaProject.bin", content: "x" }]);
    expect(await judge(document, "letter.docx")).toBe("files.archive_refused bytes");
  });
});

describe("hostile bytes", () => {
  const names = fc.constantFrom(...accepted.map(([name]) => name), undefined, "a.bin");

  it("CVE-2024-8182: random bytes behind any beginning are accepted or refused, never anything else", async () => {
    const beginnings = accepted.map(([, bytes]) => bytes.subarray(0, 40));
    const given = fc.tuple(fc.constantFrom(...beginnings), fc.nat(40), fc.uint8Array({ maxLength: 300 }), names);
    await fc.assert(
      fc.asyncProperty(given, async ([beginning, kept, rest, name]) => {
        expect(await judge(Buffer.concat([beginning.subarray(0, kept), rest]), name)).toMatch(/^(files\.|[a-z]+\/)/);
      }),
      { numRuns: 600 },
    );
  });

  it("CVE-2024-8182: every accepted file cut anywhere, or with a byte changed, is accepted or refused", async () => {
    const given = fc.tuple(fc.constantFrom(...accepted), fc.nat(2000), fc.nat(2000), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(given, async ([[name, whole], at, cut, byte, cuts]) => {
        const bytes = Buffer.from(whole.subarray(0, 4000));
        bytes[at % bytes.length] = byte;
        const verdict = await judge(cuts ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes, name);
        expect(verdict).toMatch(/^(files\.|[a-z]+\/)/);
      }),
      { numRuns: 1000 },
    );
  });

  it("CVE-2024-8182: any name is accepted or refused, and none that is accepted is a path", async () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.string({ unit: fc.constantFrom("a", ".", "/", "\\", " ", "p", "\u202e") }),
    );
    await fc.assert(
      fc.asyncProperty(name, async (given) => {
        const found = await inspectFile(png, `${given}.png`).catch((error: unknown) => error);
        if (found instanceof AppError) return;
        expect((found as { name: string }).name).not.toMatch(/[/\\\p{Cc}]|\.\.|^\./u);
      }),
      { numRuns: 500 },
    );
  });

  it("reads the size of a JPEG made of segments that lead nowhere in a moment", async () => {
    const traps = Buffer.alloc(4 * 1024 * 1024, 0xff);
    traps.set([0xff, 0xd8, 0xff, 0xe0, 0, 4]);
    const startMs = performance.now();
    expect(await judge(traps, "trap.jpg")).toMatch(/^files\./);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
