// What stands in a paragraph: strong, emphasis, code, links, line breaks. One pass with a short stack of what is open;
// what is never closed turns back into the characters it was written with. Time grows with the length and nothing else.

import { findAddress, findTarget } from "./find-address.ts";
import { readText, toLink } from "./label.ts";
import { parseSafeUrl } from "./safe-url.ts";
import type { Inline } from "./tree.ts";

type Marker = "" | "*" | "**" | "[" | "![";

interface Frame {
  readonly marker: Marker;
  readonly children: Inline[];
  /** A bracket around a link, which cannot become a link itself. */
  isDead: boolean;
}

/** How many may be open at once; the one opened first gives way, as text. */
const openMax = 12;
const plainPart = /[^*`[\]!\nhH]+/y;

function add(children: Inline[], inline: Inline): void {
  const last = children.at(-1);
  if (inline.kind === "text" && last?.kind === "text") {
    children[children.length - 1] = { kind: "text", text: last.text + inline.text };
  } else if (inline.kind !== "text" || inline.text !== "") children.push(inline);
}

class InlineParser {
  readonly #text: string;
  readonly #root: Frame = { marker: "", children: [], isDead: false };
  readonly #open: Frame[] = [];
  /** Lengths of back-tick runs that close nowhere further on. */
  readonly #unclosed = new Set<number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Inline[] {
    while (this.#at < this.#text.length) this.#step();
    this.#closeAbove(0);
    return this.#root.children;
  }

  #step(): void {
    const character = this.#text[this.#at];
    if (character === "\n") this.#put({ kind: "break" }, 1);
    else if (character === "*") this.#readStars();
    else if (character === "`") this.#readCode();
    else if (character === "[") this.#openFrame("[");
    else if (character === "!" && this.#text[this.#at + 1] === "[") this.#openFrame("![");
    else if (character === "]") this.#closeBracket();
    else this.#readPlain();
  }

  get #children(): Inline[] {
    return (this.#open.at(-1) ?? this.#root).children;
  }

  #put(inline: Inline, length: number): void {
    add(this.#children, inline);
    this.#at += length;
  }

  #putText(length: number): void {
    this.#put({ kind: "text", text: this.#text.slice(this.#at, this.#at + length) }, length);
  }

  #readPlain(): void {
    const start = this.#text.slice(this.#at, this.#at + 8).toLowerCase();
    if (start === "https://" && !/[\p{L}\p{N}]$/u.test(this.#text.slice(Math.max(0, this.#at - 2), this.#at))) {
      const { end, url } = findAddress(this.#text, this.#at);
      const text = this.#text.slice(this.#at, end);
      return this.#put(url === undefined ? { kind: "text", text } : toLink(url, [{ kind: "text", text }]), text.length);
    }
    plainPart.lastIndex = this.#at + 1;
    this.#putText(1 + (plainPart.exec(this.#text)?.[0].length ?? 0));
  }

  #lengthOfRun(character: string): number {
    let end = this.#at;
    while (this.#text[end] === character) end += 1;
    return end - this.#at;
  }

  #readCode(): void {
    const length = this.#lengthOfRun("`");
    const start = this.#at + length;
    const end = length > 3 || this.#unclosed.has(length) ? -1 : this.#findRun(start, length);
    if (end < 0) {
      this.#unclosed.add(length);
      return this.#putText(length);
    }
    const code = this.#text.slice(start, end).replaceAll("\n", " ");
    const inner = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "" ? code.slice(1, -1) : code;
    this.#put({ kind: "code", text: inner }, end + length - this.#at);
  }

  /** Where the next run of exactly `length` back-ticks begins. */
  #findRun(from: number, length: number): number {
    const runs = /`+/g;
    runs.lastIndex = from;
    for (let run = runs.exec(this.#text); run !== null; run = runs.exec(this.#text)) {
      if (run[0].length === length) return run.index;
    }
    return -1;
  }

  #openFrame(marker: Marker): void {
    const first = this.#open.length === openMax ? this.#open.shift() : undefined;
    if (first !== undefined) this.#flatten(first, this.#root.children);
    this.#open.push({ marker, children: [], isDead: false });
    this.#at += marker.length;
  }

  #flatten(frame: Frame, into: Inline[]): void {
    add(into, { kind: "text", text: frame.marker });
    for (const child of frame.children) add(into, child);
  }

  /** Turns what is open above `depth` back into text. */
  #closeAbove(depth: number): void {
    while (this.#open.length > depth) {
      const frame = this.#open.pop();
      if (frame !== undefined) this.#flatten(frame, this.#children);
    }
  }

  #readStars(): void {
    const run = this.#lengthOfRun("*");
    if (run > 3) return this.#putText(run);
    const canClose = /\S/.test(this.#text[this.#at - 1] ?? " ");
    const canOpen = /\S/.test(this.#text[this.#at + run] ?? " ");
    let left = run;
    while (canClose && left > 0) {
      const closed = this.#closeStars(left);
      if (closed === 0) break;
      left -= closed;
    }
    if (!canOpen) return this.#putText(left);
    if (left > 1) this.#openFrame("**");
    if (left % 2 === 1) this.#openFrame("*");
  }

  /** Closes the emphasis opened last, when `left` stars suffice; answers how many it took. */
  #closeStars(left: number): number {
    const depth = this.#open.findLastIndex(({ marker }) => marker === "*" || marker === "**");
    const marker = this.#open[depth]?.marker.length ?? left + 1;
    // A bracket that is open around here may still become a link, and a link is never cut in two.
    if (marker > left || this.#open.slice(depth + 1).some(({ isDead }) => !isDead)) return 0;
    this.#closeAbove(depth + 1);
    const children = this.#open.pop()?.children ?? [];
    this.#put({ kind: marker === 2 ? "strong" : "emphasis", children }, marker);
    return marker;
  }

  #closeBracket(): void {
    const depth = this.#open.findLastIndex(({ marker }) => marker === "[" || marker === "![");
    const frame = this.#open[depth];
    const found = frame === undefined ? undefined : findTarget(this.#text, this.#at + 1);
    const label = found === undefined ? undefined : this.#toLabel(depth, found.target);
    if (found === undefined || label === undefined) {
      // A bracket without a target is a character like others, and so is the one it belongs to.
      if (depth >= 0) this.#closeAbove(depth);
      return this.#putText(1);
    }
    this.#put(label, found.end - this.#at);
  }

  /** What the bracket at `depth` becomes: a link, or the words of an image; undefined when it stays text. */
  #toLabel(depth: number, target: string): Inline | undefined {
    const frame = this.#open[depth];
    const url = parseSafeUrl(target);
    if (frame === undefined || (frame.marker === "[" && (url === undefined || frame.isDead))) return undefined;
    this.#closeAbove(depth + 1);
    this.#open.pop();
    // SECURITY: an image is its words: nothing of a text is ever loaded (CVE-2026-47733).
    if (frame.marker === "![" || url === undefined) return { kind: "text", text: readText(frame.children) };
    for (const one of this.#open) one.isDead ||= one.marker === "[";
    return toLink(url, frame.children);
  }
}

/** The inlines of one paragraph, its lines joined by `\n`. */
export function parseInlines(text: string): readonly Inline[] {
  return new InlineParser(text).parse();
}
