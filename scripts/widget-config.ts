// What every build of the widget has in common, and how its script is made small.

import { join } from "node:path";
import { minifySync } from "vite";
import { privateNames } from "./widget-names.ts";

/** Views are written against Preact's interface and types; `widget/src/drawing` is what draws them. */
export const drawingAlias = [
  {
    find: /^preact(?:\/hooks|\/jsx-runtime|\/jsx-dev-runtime)?$/,
    replacement: join(import.meta.dirname, "../widget/src/drawing/index.ts"),
  },
];

/** The same short name for a private one in every part. */
const shortNames = Object.fromEntries(privateNames.map((name, index) => [name, `_${index.toString(36)}`]));

/** The code without what only people need. Throws for code that cannot be read. */
export function minifyScript(name: string, code: string): string {
  const { code: minified, errors } = minifySync(name, code, {
    module: true,
    compress: { target: "esnext", treeshake: { propertyReadSideEffects: false } },
    mangle: { toplevel: true },
    mangleProps: { include: new RegExp(`^(?:${privateNames.join("|")})$`), cache: shortNames },
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join("; ")}`);
  return minified;
}
