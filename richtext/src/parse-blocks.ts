// A subset of Markdown: paragraphs, bullet and numbered lists, quotes, fenced code, and what stands in a paragraph. All else,
// HTML included, is text. Every text has a tree; its depth is bounded, and time grows with the length alone.

import { cleanText } from "./clean-text.ts";
import { parseInlines } from "./parse-inlines.ts";
import type { Block } from "./tree.ts";

/** Quotes and lists within one another; deeper ones are text. */
const depthMax = 6;
const fence = /^ {0,3}(`{3,8})[\w+#.-]{0,30}$/;
const quoted = /^ {0,3}> ?/;
const item = /^( *)([-*+]|\d{1,9}[.)]) +/;

interface Marker {
  readonly indent: number;
  /** Where the item's own text begins. */
  readonly offset: number;
  readonly isOrdered: boolean;
  readonly number: number;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

function findMarker(line: string): Marker | undefined {
  const match = item.exec(line);
  if (match === null) return undefined;
  const [all, indent = "", sign = ""] = match;
  const isOrdered = /\d/.test(sign);
  return { indent: indent.length, offset: all.length, isOrdered, number: isOrdered ? Number.parseInt(sign, 10) : 1 };
}

function parseBlocks(all: readonly string[], depth: number): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  let at = 0;

  const step = (): void => {
    const line = all[at] ?? "";
    const fenced = fence.exec(line)?.[1];
    if (line === "") return skip();
    if (fenced !== undefined) return readCode(fenced);
    const marker = depth < depthMax ? findMarker(line) : undefined;
    if (depth < depthMax && quoted.test(line)) return readQuote();
    // A line of a paragraph that begins with a year is no list.
    if (marker !== undefined && (paragraph.length === 0 || marker.number === 1)) return readList(marker);
    paragraph.push(line.trimStart());
    at += 1;
  };

  const skip = (): void => {
    endParagraph();
    at += 1;
  };

  const endParagraph = (): void => {
    if (paragraph.length === 0) return;
    blocks.push({ kind: "paragraph", children: parseInlines(paragraph.join("\n")) });
    paragraph = [];
  };

  const put = (block: Block): void => {
    endParagraph();
    blocks.push(block);
  };

  const readCode = (opening: string): void => {
    const start = at + 1;
    const isEnd = (line: string): boolean => line.trimStart() === opening;
    for (at = start; at < all.length; at += 1) if (isEnd(all[at] ?? "")) break;
    put({ kind: "code", text: all.slice(start, at).join("\n") });
    at += 1;
  };

  const parseWithin = (lines: readonly string[]): readonly Block[] => {
    return parseBlocks(lines, depth + 1);
  };

  const readQuote = (): void => {
    const start = at;
    while (quoted.test(all[at] ?? "")) at += 1;
    const lines = all.slice(start, at).map((line) => line.replace(quoted, ""));
    put({ kind: "quote", children: parseWithin(lines) });
  };

  const readList = (first: Marker): void => {
    const items: (readonly Block[])[] = [];
    let marker: Marker | undefined = first;
    while (marker !== undefined && marker.isOrdered === first.isOrdered && marker.indent < first.indent + 2) {
      items.push(parseWithin(takeItem(marker)));
      marker = findMarker(all[at] ?? "");
    }
    put({ kind: "list", isOrdered: first.isOrdered, start: first.number, items });
  };

  /** The lines of the item that begins here, without its marker and the blank lines after it. */
  const takeItem = ({ indent, offset }: Marker): readonly string[] => {
    const lines = [(all[at] ?? "").slice(offset)];
    let blank = 0;
    for (at += 1; at < all.length; at += 1) {
      const line = all[at] ?? "";
      if (line !== "" && indentOf(line) < indent + 2) break;
      lines.push(line.slice(Math.min(offset, indentOf(line))));
      blank = line === "" ? blank + 1 : 0;
    }
    return blank === 0 ? lines : lines.slice(0, -blank);
  };
  while (at < all.length) step();
  endParagraph();
  return blocks;
}

/**
 * The tree of a text. Never throws; keeps every letter but addresses of images and the names of code's languages; every
 * link in the tree passed `parseSafeUrl`.
 */
export function parseRichText(text: string): readonly Block[] {
  const lines = cleanText(text).split("\n");
  return parseBlocks(
    lines.map((line) => line.trimEnd()),
    0,
  );
}
