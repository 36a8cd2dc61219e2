import type { Name, Phrase } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";

/** A letter before it is written out. */
export interface LetterContent {
  readonly subject: string;
  readonly heading: string;
  /** The first paragraph is also the preview that mail programs show in their list. */
  readonly paragraphs: readonly Phrase[];
  readonly rows?: readonly (readonly [label: string, value: string | Name])[];
  readonly action?: { readonly label: string; readonly link: LetterLink };
  /** Small print below the action: how long it works, how often. */
  readonly note?: Phrase;
  /** What to do when the reader did not expect this. */
  readonly caution?: {
    readonly title: string;
    readonly words: Phrase;
    readonly link?: LetterLink;
    readonly label?: string;
  };
  /** Why the reader gets this letter. */
  readonly reason: Phrase;
  /** The host of this Parley. */
  readonly site: string;
}

/** A letter without its recipient: `mailer.send({ to, ...written })`. */
export interface WrittenLetter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
