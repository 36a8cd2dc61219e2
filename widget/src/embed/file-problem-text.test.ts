import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mayPass, toFileProblemText } from "./file-problem-text.ts";
import { ar } from "./texts/ar.ts";
import { en } from "./texts/en.ts";
import { es } from "./texts/es.ts";
import { zhHant } from "./texts/zh-Hant.ts";

const reference = readFileSync(new URL("../../../docs/generated/errors.md", import.meta.url), "utf8");
/** What an upload may be refused with for good: the visitor has to do something about it. */
const refusals = [...reference.matchAll(/^\| `(files\.\w+|http\.too_large)` \| (?:413|422|429) \|/gm)].map(
  ([, code = ""]) => code,
);

describe.each(Object.entries({ en, es, ar, "zh-Hant": zhHant }))(
  "a file that is not taken, in %s",
  (_locale, texts) => {
    it.each(refusals)("%s says what is wrong with it", (code) => {
      expect(toFileProblemText({ code }, texts)).not.toBe(texts.problem);
      expect(mayPass({ code })).toBe(false);
    });

    it("files.scan_unavailable and what nobody knows say to try again", () => {
      for (const code of ["files.scan_unavailable", "kernel.bug"]) {
        expect([toFileProblemText({ code }, texts), mayPass({ code })]).toEqual([texts.problem, true]);
      }
    });
  },
);

it("knows what the reference of errors says", () => {
  expect(refusals.length).toBeGreaterThan(10);
});

it("tells a name, a type, a size and danger apart", () => {
  const codes = [
    "files.double_extension",
    "files.type_mismatch",
    "files.too_large",
    "files.archive_bomb",
    "files.quota",
  ];
  expect(new Set(codes.map((code) => toFileProblemText({ code }, en))).size).toBe(codes.length);
});
