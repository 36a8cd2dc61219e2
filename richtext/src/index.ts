// The one way text of visitors, bots, models and agents becomes something to show: a tree without HTML, whose links are
// checked. Runs in browsers and in Node. Renderers map the tree to elements and add nothing of their own.

export { parseRichText } from "./parse-blocks.ts";
export { parseSafeUrl, type SafeUrl } from "./safe-url.ts";
export { toPlainText } from "./to-plain-text.ts";
export type { Block, Inline } from "./tree.ts";
