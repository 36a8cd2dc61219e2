// Bare https addresses in a text, and the target in the brackets of a link: where each ends. Both look at every character
// once, so a text of brackets costs no more than a letter.

import { parseSafeUrl, type SafeUrl } from "./safe-url.ts";

/** What no address goes on with: white space, quotes, brackets, stars, and the punctuation of Chinese and Japanese. */
const addressPart = /[^\s<>"`[\]*|\\^{}\u2018-\u201f\u3000-\u303f\uff00-\uff20\uff3b-\uff40\uff5b-\uff65]+/y;
const trailing = new Set([".", ",", ":", ";", "!", "?", "'"]);

export interface Found {
  /** Where the address ends, or the text that is none. */
  readonly end: number;
  readonly url?: SafeUrl;
}

/** The end of an address without the punctuation of the sentence around it; a bracket stays when it was opened. */
function trimEnd(address: string): number {
  let open = 0;
  for (const character of address) open += character === "(" ? 1 : character === ")" ? -1 : 0;
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1] ?? "";
    if (last === ")" && open < 0) open += 1;
    else if (!trailing.has(last)) return end;
  }
  return end;
}

/** The address that begins at `from`, where `https://` stands, with the place after it. */
export function findAddress(text: string, from: number): Found {
  addressPart.lastIndex = from;
  const word = addressPart.exec(text)?.[0] ?? "";
  const address = word.slice(0, trimEnd(word));
  const url = parseSafeUrl(address);
  return url === undefined ? { end: from + word.length } : { end: from + address.length, url };
}

/** What stands in the round brackets that open at `from`, and the place after them; undefined when nothing can. */
export function findTarget(text: string, from: number): { readonly target: string; readonly end: number } | undefined {
  if (text[from] !== "(") return undefined;
  let open = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (/[\s[\]]/.test(character)) return undefined;
    if (character === "(") open += 1;
    if (character === ")") open -= 1;
    if (open === 0) return { target: text.slice(from + 1, at), end: at + 1 };
  }
  return undefined;
}
