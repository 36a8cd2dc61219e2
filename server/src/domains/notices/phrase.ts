// Sentences of letters, in plain text and in HTML at once. What somebody else chose (a name) is shown as a `Name`: on one
// line, bounded, in its own direction of writing, and never turned into a link by a mail program.

import { css, type Html, html, toOneLine } from "../../platform/html/index.ts";

const nameMax = 80;
const strong = css`font-weight: 600`;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
let make: (shown: string, isTitle: boolean) => Name;

/** A name that an outsider chose, made harmless. Only `name` and `title` make one. */
export class Name {
  #shown = "";
  #isTitle = false;

  private constructor() {}

  static {
    make = (shown, isTitle) => {
      const made = new Name();
      made.#shown = shown;
      made.#isTitle = isTitle;
      return made;
    };
  }

  /** For a subject line. */
  toString(): string {
    return this.#quote(this.#shown);
  }

  #quote(text: string): string {
    return this.#isTitle ? `“${text}”` : text;
  }

  /** Zero-width non-joiners after dots, colons, slashes and at signs keep mail programs from making a link of it. */
  get inert(): string {
    return this.#shown.replaceAll(/([.:/@])(?=\S)/g, "$1\u200c");
  }

  get text(): string {
    // FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE: its direction ends with it (Unicode TR9 2.7).
    return rightToLeft.test(this.#shown) ? `\u2068${this.inert}\u2069` : this.inert;
  }

  get html(): Html {
    return html`<bdi>${this.inert}</bdi>`;
  }

  /** Within a sentence, where it must be plain which words are not ours. */
  get inSentence(): Phrase {
    return { text: this.#quote(this.text), html: html`<strong style="${strong}">${this.html}</strong>` };
  }
}

function toShown(text: string): string {
  // SECURITY: a name brings no line, header, direction, markup or link of its own.
  const plain = toOneLine(text.slice(0, 2_000));
  const characters = Array.from(segmenter.segment(plain.slice(0, nameMax * 4)), (part) => part.segment);
  const isLong = characters.length > nameMax || plain.length > nameMax * 4;
  const shown = isLong
    ? `${characters
        .slice(0, nameMax - 1)
        .join("")
        .trimEnd()}…`
    : plain;
  return shown === "" ? "(no name)" : shown;
}

/** A person's name as it may be shown: one line without control characters, at most 80 characters. */
export function name(text: string): Name {
  return make(toShown(text), false);
}

/** The name of a thing, as `name`; in sentences and subjects it stands in quotation marks. */
export function title(text: string): Name {
  return make(toShown(text), true);
}

export interface Phrase {
  readonly text: string;
  readonly html: Html;
}

type Part = string | number | Name | Phrase;

function toPhrase(part: Name | Phrase): Phrase {
  return part instanceof Name ? part.inSentence : part;
}

/** A sentence with names in it. Plain strings are ours; what somebody else wrote must be a `Name`. */
export function say(strings: TemplateStringsArray, ...values: readonly Part[]): Phrase {
  const parts = strings.flatMap((text, index): Part[] => {
    const value = values[index];
    return value === undefined ? [text] : [text, value];
  });
  const isPlain = (part: Part): part is string | number => typeof part === "string" || typeof part === "number";
  return {
    text: parts.map((part) => (isPlain(part) ? String(part) : toPhrase(part).text)).join(""),
    html: html`${parts.map((part) => (isPlain(part) ? part : toPhrase(part).html))}`,
  };
}
