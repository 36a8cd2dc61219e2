// A text as plain text, for letters, notifications and screen readers' announcements: an address stands after its label.

import { readText } from "./label.ts";
import type { Block, Inline } from "./tree.ts";

function writeInline(inline: Inline): string {
  if (inline.kind === "break") return "\n";
  if (inline.kind !== "link") return "text" in inline ? inline.text : inline.children.map(writeInline).join("");
  const label = readText(inline.children);
  const address = inline.url.replace(/^(?:mailto|tel):/, "");
  return label === address || `${label}/` === address ? label : `${label} (${address})`;
}

/** Puts `first` before the first line and `rest` before the others. */
function prefix(text: string, first: string, rest: string): string {
  return first + text.replaceAll("\n", `\n${rest}`);
}

function writeBlock(block: Block): string {
  if (block.kind === "paragraph") return block.children.map(writeInline).join("");
  if (block.kind === "code") return block.text;
  if (block.kind === "quote") return prefix(toPlainText(block.children), "> ", "> ");
  const items = block.items.map((item, index) => {
    const sign = block.isOrdered ? `${block.start + index}. ` : "- ";
    return prefix(toPlainText(item), sign, " ".repeat(sign.length));
  });
  return items.join("\n");
}

/** The tree as plain text, its blocks apart by a blank line. */
export function toPlainText(blocks: readonly Block[]): string {
  return blocks.map(writeBlock).join("\n\n");
}
