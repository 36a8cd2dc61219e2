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

class BlockParser {
  readonly #lines: readonly string[];
  readonly #depth: number;
  readonly #blocks: Block[] = [];
  #paragraph: string[] = [];
  #at = 0;

  constructor(lines: readonly string[], depth: number) {
    this.#lines = lines;
    this.#depth = depth;
  }

  parse(): readonly Block[] {
    while (this.#at < this.#lines.length) this.#step();
    this.#endParagraph();
    return this.#blocks;
  }

  #step(): void {
    const line = this.#lines[this.#at] ?? "";
    const fenced = fence.exec(line)?.[1];
    if (line === "") return this.#skip();
    if (fenced !== undefined) return this.#readCode(fenced);
    const marker = this.#depth < depthMax ? findMarker(line) : undefined;
    if (this.#depth < depthMax && quoted.test(line)) return this.#readQuote();
    // A line of a paragraph that begins with a year is no list.
    if (marker !== undefined && (this.#paragraph.length === 0 || marker.number === 1)) return this.#readList(marker);
    this.#paragraph.push(line.trimStart());
    this.#at += 1;
  }

  #skip(): void {
    this.#endParagraph();
    this.#at += 1;
  }

  #endParagraph(): void {
    if (this.#paragraph.length === 0) return;
    this.#blocks.push({ kind: "paragraph", children: parseInlines(this.#paragraph.join("\n")) });
    this.#paragraph = [];
  }

  #put(block: Block): void {
    this.#endParagraph();
    this.#blocks.push(block);
  }

  #readCode(opening: string): void {
    const start = this.#at + 1;
    const isEnd = (line: string): boolean => line.trimStart() === opening;
    for (this.#at = start; this.#at < this.#lines.length; this.#at += 1) if (isEnd(this.#lines[this.#at] ?? "")) break;
    this.#put({ kind: "code", text: this.#lines.slice(start, this.#at).join("\n") });
    this.#at += 1;
  }

  #parseWithin(lines: readonly string[]): readonly Block[] {
    return new BlockParser(lines, this.#depth + 1).parse();
  }

  #readQuote(): void {
    const start = this.#at;
    while (quoted.test(this.#lines[this.#at] ?? "")) this.#at += 1;
    const lines = this.#lines.slice(start, this.#at).map((line) => line.replace(quoted, ""));
    this.#put({ kind: "quote", children: this.#parseWithin(lines) });
  }

  #readList(first: Marker): void {
    const items: (readonly Block[])[] = [];
    let marker: Marker | undefined = first;
    while (marker !== undefined && marker.isOrdered === first.isOrdered && marker.indent < first.indent + 2) {
      items.push(this.#parseWithin(this.#takeItem(marker)));
      marker = findMarker(this.#lines[this.#at] ?? "");
    }
    this.#put({ kind: "list", isOrdered: first.isOrdered, start: first.number, items });
  }

  /** The lines of the item that begins here, without its marker and the blank lines after it. */
  #takeItem({ indent, offset }: Marker): readonly string[] {
    const lines = [(this.#lines[this.#at] ?? "").slice(offset)];
    let blank = 0;
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? "";
      if (line !== "" && indentOf(line) < indent + 2) break;
      lines.push(line.slice(Math.min(offset, indentOf(line))));
      blank = line === "" ? blank + 1 : 0;
    }
    return blank === 0 ? lines : lines.slice(0, -blank);
  }
}

/**
 * The tree of a text. Never throws; keeps every letter but addresses of images and the names of code's languages; every
 * link in the tree passed `parseSafeUrl`.
 */
export function parseRichText(text: string): readonly Block[] {
  const lines = cleanText(text).split("\n");
  return new BlockParser(
    lines.map((line) => line.trimEnd()),
    0,
  ).parse();
}
