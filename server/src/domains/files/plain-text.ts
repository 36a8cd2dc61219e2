// Whether bytes are plain text: UTF-8 to the last byte, no control characters, and nothing a browser would take for a page.

import { setImmediate as nextTurn } from "node:timers/promises";
import { fileLimits } from "./types.ts";

/** Control characters other than tab and line ends. */
const control = /[^\P{Cc}\t\n\r]/u;
const markup = /^\s*<[a-z!?/]/i;

/**
 * What keeps the bytes from being plain text; undefined when nothing does. Piece by piece, so that a long text keeps
 * nobody waiting.
 */
export async function findTextMistake(bytes: Buffer): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let from = 0; from < bytes.length; from += fileLimits.chunkBytes) {
    const to = Math.min(from + fileLimits.chunkBytes, bytes.length);
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(from, to), { stream: to < bytes.length });
    } catch {
      return "must be text in UTF-8; save it with that encoding";
    }
    if (control.test(text)) return "must be text without control characters";
    // SECURITY: what begins like a page is not text, whatever its name says.
    if (from === 0 && markup.test(text)) return "must not begin like a page or drawing (<...>)";
    await nextTurn();
  }
  return undefined;
}
