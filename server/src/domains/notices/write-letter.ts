import type { LetterContent, WrittenLetter } from "./letter-content.ts";
import { writeHtml } from "./write-html.ts";
import { writeText } from "./write-text.ts";

const subjectMax = 150;

/** Writes a letter out, in plain text and in HTML. */
export function writeLetter(content: LetterContent): WrittenLetter {
  const { subject } = content;
  const shown =
    subject.length > subjectMax
      ? `${subject
          .slice(0, subjectMax - 1)
          .toWellFormed()
          .trimEnd()}…`
      : subject;
  return { subject: shown, text: writeText(content), html: writeHtml(content) };
}
