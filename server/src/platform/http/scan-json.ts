// Looks over JSON text before it is parsed: how deep it goes, how many names it has, and whether a name is repeated or
// reaches for a prototype. One pass, no recursion, so hostile nesting costs no more than its length. It does not judge
// the grammar; `JSON.parse` does that afterwards.

import type { FieldMistake } from "../../kernel/errors.ts";

export const jsonLimits = { depthMax: 64, namesMax: 10_000, mistakesMax: 100 } as const;

interface Frame {
  /** The names seen in an object; undefined in an array. */
  readonly names: Set<string> | undefined;
  /** Where in the frame the scan stands: the last name of an object, the index in an array. */
  name: string;
  index: number;
}

const quote = 0x22;
const backslash = 0x5c;

/** Where the string that opens at `start` ends: the position of its closing quote, or the end of the text. */
function findStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return text.length;
}

/** The value of a string token. Names spelt with escapes count as what they mean. */
function readName(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes("\\")) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}

function toPath(frames: readonly Frame[]): string {
  let path = "";
  for (const frame of frames) {
    if (frame.names === undefined) path += `[${frame.index}]`;
    else path += path === "" ? frame.name : `.${frame.name}`;
  }
  return path.length > 200 ? `${path.slice(0, 200)}...` : path;
}

/** Answers whether the text behind a string is the colon that makes it a name. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return text.charCodeAt(at) === 0x3a;
}

/** SECURITY: `__proto__`, and `prototype` below `constructor`, never get past the door. */
function isPrototypeName(frames: readonly Frame[], name: string): boolean {
  return name === "__proto__" || (name === "prototype" && frames.at(-2)?.name === "constructor");
}

class Scan {
  readonly mistakes: FieldMistake[] = [];
  readonly #frames: Frame[] = [];
  #namesLeft: number = jsonLimits.namesMax;

  /** False when there is no point in going on. */
  open(isObject: boolean): boolean {
    this.#frames.push({ names: isObject ? new Set() : undefined, name: "", index: 0 });
    if (this.#frames.length <= jsonLimits.depthMax) return true;
    return this.#stop(`is nested deeper than ${jsonLimits.depthMax} levels`);
  }

  close(): void {
    this.#frames.pop();
  }

  next(): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.index++;
  }

  name(name: string): boolean {
    const frame = this.#frames.at(-1);
    if (frame?.names === undefined) return true;
    frame.name = name;
    if (--this.#namesLeft < 0) return this.#stop(`has more than ${jsonLimits.namesMax} names in all`);
    if (isPrototypeName(this.#frames, name)) this.#note("is a name that is not allowed");
    else if (frame.names.has(name)) this.#note("is given twice");
    frame.names.add(name);
    return this.mistakes.length < jsonLimits.mistakesMax;
  }

  #note(message: string): void {
    this.mistakes.push({ path: toPath(this.#frames), message });
  }

  #stop(message: string): false {
    this.mistakes.push({ path: "", message: `The body ${message}.` });
    return false;
  }
}

/** What is wrong with the shape of JSON text; empty when nothing is. At most `jsonLimits.mistakesMax` mistakes. */
export function scanJson(text: string): readonly FieldMistake[] {
  const scan = new Scan();
  for (let at = 0; at < text.length; at++) {
    let goesOn = true;
    switch (text[at]) {
      case '"': {
        const end = findStringEnd(text, at);
        if (isName(text, end)) goesOn = scan.name(readName(text, at, end));
        at = end;
        break;
      }
      case "{":
        goesOn = scan.open(true);
        break;
      case "[":
        goesOn = scan.open(false);
        break;
      case "}":
      case "]":
        scan.close();
        break;
      case ",":
        scan.next();
        break;
    }
    if (!goesOn) break;
  }
  return scan.mistakes;
}
