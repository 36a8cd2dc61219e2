// Names and titles that outsiders chose are shown inside sentences of ours. What they must not do is steer the sentence:
// break the line, turn its direction, or hide letters in it.

/** Line breaks, tabs and the separators U+2028 and U+2029. */
const breaks = /[\t-\r\u0085\u2028\u2029]+/g;

// C0 and C1 controls, the soft hyphen, bidi controls (Unicode TR9), invisible operators, interlinear marks, the byte
// order mark and tag characters. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
const steering =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The text on one line, without control characters of any kind. Line breaks become a space. */
export function stripControls(text: string): string {
  return text.toWellFormed().replace(breaks, " ").replace(steering, "");
}

/** The same with one space at most between words, and none around them. */
export function toOneLine(text: string): string {
  return stripControls(text).replaceAll(/\s+/g, " ").trim();
}
