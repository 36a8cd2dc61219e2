// Sorts the buttons of a message into those WhatsApp can show and those that must be written out as lines of text.
// WhatsApp refuses a message whose buttons share an id or a title, so both are made unique here.
// Limits: developers.facebook.com, "Interactive reply buttons messages" and "Interactive list messages".

import { toFittingText } from "../bounds.ts";
import { findWebLink } from "../links.ts";

export interface WantedChoice {
  readonly title: string;
  readonly payload?: string;
  readonly url?: string;
  /** What is told below the title of a row. */
  readonly description?: string | undefined;
  /** The heading that a row stands under; of two headings that read alike, each has its own. */
  readonly section?: { readonly title?: string | undefined };
}

export interface ShownChoice {
  readonly id: string;
  readonly title: string;
  /** The whole title, where `title` had to be cut. */
  readonly fullTitle: string;
  readonly wanted: WantedChoice;
}

export interface SortedChoices {
  readonly shown: readonly ShownChoice[];
  readonly links: readonly { readonly title: string; readonly url: string }[];
  /** Choices that cannot be tapped: the member can still type them. */
  readonly lines: readonly string[];
}

export interface ChoiceLimits {
  readonly countMax: number;
  readonly titleLengthMax: number;
  readonly idLengthMax: number;
}

export const buttonLimits: ChoiceLimits = { countMax: 3, titleLengthMax: 20, idLengthMax: 256 };
export const rowLimits: ChoiceLimits = { countMax: 10, titleLengthMax: 24, idLengthMax: 200 };

/**
 * Sorts choices under `limits`. A payload is never cut, since another payload is another answer: one that is too long,
 * taken already, or has spaces at its ends is written out by title. Exact repetitions are dropped.
 */
export function sortChoices(wanted: readonly WantedChoice[], limits: ChoiceLimits): SortedChoices {
  const shown: ShownChoice[] = [];
  const links: { title: string; url: string }[] = [];
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const choice of wanted) {
    const title = toFittingText(choice.title, 1_000).trim();
    const key = JSON.stringify([title, choice.payload, choice.url]);
    if (seen.has(key)) continue;
    seen.add(key);
    const url = choice.url === undefined ? undefined : findWebLink(choice.url);
    const id = choice.url === undefined ? findId(choice.payload, shown, limits) : undefined;
    if (url !== undefined) links.push({ title: title === "" ? url : title, url });
    else if (id === undefined || title === "" || shown.length >= limits.countMax) lines.push(title);
    else
      shown.push({ id, title: toUniqueTitle(title, shown, limits.titleLengthMax), fullTitle: title, wanted: choice });
  }
  return { shown, links, lines: lines.filter((line) => line !== "") };
}

function findId(payload: string | undefined, shown: readonly ShownChoice[], limits: ChoiceLimits): string | undefined {
  if (payload === undefined || payload === "" || payload.length > limits.idLengthMax) return undefined;
  if (payload !== payload.trim() || !payload.isWellFormed() || payload.includes("\u0000")) return undefined;
  return shown.some((choice) => choice.id === payload) ? undefined : payload;
}

function toUniqueTitle(title: string, shown: readonly ShownChoice[], lengthMax: number): string {
  let unique = toFittingText(title, lengthMax).trim();
  for (let count = 2; shown.some((choice) => choice.title === unique); count += 1) {
    const suffix = ` (${count})`;
    unique = `${toFittingText(title, lengthMax - suffix.length).trim()}${suffix}`;
  }
  return unique;
}
