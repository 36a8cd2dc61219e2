// Characters that steer a text without being seen. What turns the direction of what follows or hides letters is dropped
// everywhere: `dir="auto"` does the honest part of their work. The joiners U+200C and U+200D stay where Persian, Indic
// scripts and emoji need them.

/** Controls but tab and line feed, the soft hyphen, bidi embeddings and isolates (Unicode TR9), invisible operators, tags. */
const steering =
  "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u180e\\u200b\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";
/** In a label also direction marks and letters without a shape. */
const shapeless = "\\u034f\\u061c\\u115f\\u1160\\u200e\\u200f\\u2800\\u3164\\uffa0";
const joiners = "\\u200c\\u200d";

const inText = new RegExp(`[${steering}]`, "gu");
const inLabel = new RegExp(`[${steering}${shapeless}]`, "gu");
const unseen = new RegExp(`[${steering}${shapeless}${joiners}\\t\\n\\ud800-\\udfff]`, "u");

/** The text with `\n` as its only line break and tabs as spaces, without what steers it. */
export function cleanText(text: string): string {
  const lines = text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n");
  return lines.replaceAll("\t", "    ").replace(inText, "");
}

/** A label, or a part of one, without anything that is not seen. */
export function cleanLabel(text: string): string {
  return text.replace(inLabel, "").replace(/(^|[\0-\x7f])[\u200c\u200d]+/g, "$1");
}

/** Whether a text holds a character that is not seen, or half of one. */
export function hasUnseen(text: string): boolean {
  return unseen.test(text);
}
