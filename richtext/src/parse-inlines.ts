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

/** Puts back what a marker that is never closed was written with. */
function flatten(frame: Frame, into: Inline[]): void {
  add(into, { kind: "text", text: frame.marker });
  for (const child of frame.children) add(into, child);
}

/** Where the next run of exactly `length` back-ticks begins; -1 when there is none. */
function findRun(source: string, from: number, length: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(source); run !== null; run = runs.exec(source)) {
    if (run[0].length === length) return run.index;
  }
  return -1;
}

/** The inlines of one paragraph, its lines joined by `\n`. */
export function parseInlines(source: string): readonly Inline[] {
  const root: Frame = { marker: "", children: [], isDead: false };
  const open: Frame[] = [];
  /** Lengths of back-tick runs that close nowhere further on. */
  const unclosed = new Set<number>();
  let at = 0;

  const step = (): void => {
    const character = source[at];
    if (character === "\n") put({ kind: "break" }, 1);
    else if (character === "*") readStars();
    else if (character === "`") readCode();
    else if (character === "[") openFrame("[");
    else if (character === "!" && source[at + 1] === "[") openFrame("![");
    else if (character === "]") closeBracket();
    else readPlain();
  };

  const inner = (): Inline[] => {
    return (open.at(-1) ?? root).children;
  };

  const put = (inline: Inline, length: number): void => {
    add(inner(), inline);
    at += length;
  };

  const putText = (length: number): void => {
    put({ kind: "text", text: source.slice(at, at + length) }, length);
  };

  const readPlain = (): void => {
    const start = source.slice(at, at + 8).toLowerCase();
    if (start === "https://" && !/[\p{L}\p{N}]$/u.test(source.slice(Math.max(0, at - 2), at))) {
      const { end, url } = findAddress(source, at);
      const text = source.slice(at, end);
      return put(url === undefined ? { kind: "text", text } : toLink(url, [{ kind: "text", text }]), text.length);
    }
    plainPart.lastIndex = at + 1;
    putText(1 + (plainPart.exec(source)?.[0].length ?? 0));
  };

  const lengthOfRun = (character: string): number => {
    let end = at;
    while (source[end] === character) end += 1;
    return end - at;
  };

  const readCode = (): void => {
    const length = lengthOfRun("`");
    const start = at + length;
    const end = length > 3 || unclosed.has(length) ? -1 : findRun(source, start, length);
    if (end < 0) {
      unclosed.add(length);
      return putText(length);
    }
    const code = source.slice(start, end).replaceAll("\n", " ");
    const inner = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "" ? code.slice(1, -1) : code;
    put({ kind: "code", text: inner }, end + length - at);
  };

  const openFrame = (marker: Marker): void => {
    const first = open.length === openMax ? open.shift() : undefined;
    if (first !== undefined) flatten(first, root.children);
    open.push({ marker, children: [], isDead: false });
    at += marker.length;
  };

  /** Turns what is open above `depth` back into text. */
  const closeAbove = (depth: number): void => {
    while (open.length > depth) {
      const frame = open.pop();
      if (frame !== undefined) flatten(frame, inner());
    }
  };

  const readStars = (): void => {
    const run = lengthOfRun("*");
    if (run > 3) return putText(run);
    const canClose = /\S/.test(source[at - 1] ?? " ");
    const canOpen = /\S/.test(source[at + run] ?? " ");
    let left = run;
    while (canClose && left > 0) {
      const closed = closeStars(left);
      if (closed === 0) break;
      left -= closed;
    }
    if (!canOpen) return putText(left);
    if (left > 1) openFrame("**");
    if (left % 2 === 1) openFrame("*");
  };

  /** Closes the emphasis opened last, when `left` stars suffice; answers how many it took. */
  const closeStars = (left: number): number => {
    const depth = open.findLastIndex(({ marker }) => marker === "*" || marker === "**");
    const marker = open[depth]?.marker.length ?? left + 1;
    // A bracket that is open around here may still become a link, and a link is never cut in two.
    if (marker > left || open.slice(depth + 1).some(({ isDead }) => !isDead)) return 0;
    closeAbove(depth + 1);
    const children = open.pop()?.children ?? [];
    put({ kind: marker === 2 ? "strong" : "emphasis", children }, marker);
    return marker;
  };

  const closeBracket = (): void => {
    const depth = open.findLastIndex(({ marker }) => marker === "[" || marker === "![");
    const frame = open[depth];
    const found = frame === undefined ? undefined : findTarget(source, at + 1);
    const label = found === undefined ? undefined : toLabel(depth, found.target);
    if (found === undefined || label === undefined) {
      // A bracket without a target is a character like others, and so is the one it belongs to.
      if (depth >= 0) closeAbove(depth);
      return putText(1);
    }
    put(label, found.end - at);
  };

  /** What the bracket at `depth` becomes: a link, or the words of an image; undefined when it stays text. */
  const toLabel = (depth: number, target: string): Inline | undefined => {
    const frame = open[depth];
    const url = parseSafeUrl(target);
    if (frame === undefined || (frame.marker === "[" && (url === undefined || frame.isDead))) return undefined;
    closeAbove(depth + 1);
    open.pop();
    // SECURITY: an image is its words: nothing of a text is ever loaded (CVE-2026-47733).
    if (frame.marker === "![" || url === undefined) return { kind: "text", text: readText(frame.children) };
    for (const one of open) one.isDead ||= one.marker === "[";
    return toLink(url, frame.children);
  };
  while (at < source.length) step();
  closeAbove(0);
  return root.children;
}
