// Gives the classes and custom properties of the widget's styles short names in the build. Nobody outside names them: the
// frame is of another origin than the page around it.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const folder = join(import.meta.dirname, "../widget/src/embed");

/** Classes that script names by a value or in a selector, and properties that script or the server sets. */
export const keptNames: readonly string[] = [
  ...["audio", "video", "input"],
  ...["accent", "accent-ink", "accent-light", "accent-dark", "height", "ratio"],
];

const withoutComments = (css: string): string => css.replace(/\/\*.*?\*\//gs, "");
const styles = globSync("**/*.css", { cwd: folder })
  .toSorted()
  .map((name) => withoutComments(readFileSync(join(folder, name), "utf8")))
  .join("\n");

const letters = "abcdefghijklmnopqrstuvwxyz";
const toShort = (index: number): string =>
  (index < letters.length ? "" : toShort(Math.floor(index / letters.length) - 1)) + letters[index % letters.length];

/** The names that a pattern finds, the most frequent first. */
function shorten(pattern: RegExp): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const [, name = ""] of styles.matchAll(pattern)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].filter(([name]) => !keptNames.includes(name)).sort((one, other) => other[1] - one[1]);
  return new Map(names.map(([name], index) => [name, toShort(index)]));
}

const classPattern = /\.([a-z][\w-]*)/g;
const propertyPattern = /--([a-z][\w-]*)/g;
const classes = shorten(classPattern);
const properties = shorten(propertyPattern);

const shortenWords = (text: string): string =>
  text.replace(/(?<![\w.$-])[a-z][\w-]*/g, (name) => classes.get(name) ?? name);

/** Renames in the styles and, by the same lists, in the `class` attributes of the views. */
export const shortenStyles: Plugin = {
  name: "shorten-styles",
  enforce: "pre",
  transform(code, id) {
    if (!id.startsWith(folder)) return undefined;
    if (/\.css(?:\?|$)/.test(id)) {
      return withoutComments(code)
        .replace(classPattern, (whole, name: string) => (classes.has(name) ? `.${classes.get(name)}` : whole))
        .replace(propertyPattern, (whole, name: string) =>
          properties.has(name) ? `--${properties.get(name)}` : whole,
        );
    }
    if (!id.endsWith(".tsx")) return undefined;
    return code
      .replace(/\bclass(?:Name)?="([^"]*)"/g, (whole, names: string) => whole.replace(names, shortenWords(names)))
      .replace(/\bclass=\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g, (_, expression: string) => {
        const strings = expression.replace(/(["`])(.*?)\1/g, (text) => shortenWords(text));
        return `class={${strings}}`;
      });
  },
};
