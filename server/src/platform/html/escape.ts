const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
  "\u0000": "\ufffd",
};

/** The text as it may stand in HTML text or in a quoted attribute. */
export function escapeText(text: string): string {
  return text.toWellFormed().replace(/[&<>"'`\p{Cc}]/gu, (character) => entities[character] ?? character);
}
