// What every build of the widget has in common, and how its script is made small.

import { join } from "node:path";
import { minifySync, type Plugin } from "vite";
import { en } from "../widget/src/embed/texts/en.ts";
import { privateNames } from "./widget-names.ts";

/** Views are written against Preact's interface and types; `widget/src/drawing` is what draws them. */
export const drawingAlias = [
  {
    find: /^preact(?:\/hooks|\/jsx-runtime|\/jsx-dev-runtime)?$/,
    replacement: join(import.meta.dirname, "../widget/src/drawing/index.ts"),
  },
];

/** Keys of the catalogues that are asked for by a value (`texts[reason]`), and so keep their names. */
export const spokenKeys: readonly string[] = [
  ...["image", "audio", "video", "file", "sending", "sent", "delivered", "read"],
  ...["ended", "reused", "disabled", "refused"],
  ...["tooLarge", "unsafe", "wrongType", "identityRefused", "offline", "problem"],
  ...["fileName", "fileDamaged", "fileQuota"],
];

const wordKeys = Object.keys(en).filter((key) => !spokenKeys.includes(key));
const toWordName = (key: string): string => (wordKeys.includes(key) ? `words_${key}` : key);

/** Gives the keys of the catalogues names that nothing else has, so that they can be shortened. */
export const nameWords: Plugin = {
  name: "name-words",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("/src/embed/") || id.endsWith(".css")) return undefined;
    const isCatalogue = /\/texts\/[\w-]+\.ts$/.test(id) && !id.endsWith("/index.ts");
    return isCatalogue
      ? code.replace(/^ {2}(\w+):/gm, (_, key: string) => `  ${toWordName(key)}:`)
      : code.replace(/\b(texts|phrases)\.(\w+)/g, (_, name: string, key: string) => `${name}.${toWordName(key)}`);
  },
};

const letters = "abcdefghijklmnopqrstuvwzABCDEFGHIJKLMNOPQRSTUVWZ_$";
/** One letter or two; not `x` and `y`, which browsers know. */
const toShort = (index: number): string =>
  (index < letters.length ? "" : toShort(Math.floor(index / letters.length) - 1)) + letters[index % letters.length];

/** The same short name in every part. */
const longNames = [...privateNames, ...wordKeys.map(toWordName)];
const shortNames = Object.fromEntries(longNames.map((name, index) => [name, toShort(index)]));

/** The code without what only people need. Throws for code that cannot be read. */
export function minifyScript(name: string, code: string): string {
  const { code: minified, errors } = minifySync(name, code, {
    module: true,
    compress: { target: "esnext", treeshake: { propertyReadSideEffects: false } },
    mangle: { toplevel: true },
    mangleProps: { include: new RegExp(`^(?:${longNames.join("|")})$`), cache: shortNames },
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join("; ")}`);
  return minified;
}
