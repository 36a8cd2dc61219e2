// Comparing words the way people do: composed characters, without regard to case where asked, in any script.

import { type Meter, spend } from "../meter.ts";

/** Text in composed form (NFC). */
export function toComposed(text: string): string {
  return text.normalize("NFC");
}

/**
 * Text for comparison without case: composed, then folded through upper case, so that "ß" meets "SS" and every
 * Greek sigma is one letter.
 */
export function foldText(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;

function characterBefore(text: string, index: number): string {
  const low = text.charCodeAt(index - 1);
  return text.slice(low >= 0xdc00 && low <= 0xdfff ? index - 2 : index - 1, index);
}

/** Whether `word` occurs in `text` with no letter, digit or mark directly beside it. Pays for each find. */
export function containsWord(text: string, word: string, meter: Meter): boolean {
  for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + 1)) {
    const end = from + word.length;
    const before = from === 0 ? "" : characterBefore(text, from);
    const after = end >= text.length ? "" : String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (!wordCharacter.test(before) && !wordCharacter.test(after)) return true;
    spend(meter, 1 + (word.length >> 4));
  }
  return false;
}
