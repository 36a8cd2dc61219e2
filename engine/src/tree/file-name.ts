// The name under which a file of a message is offered to be saved.

/**
 * `text` as the name of a file: no path, no control character, and none that turns the direction of what follows, by
 * which "fdp.exe" can be made to read "exe.pdf". Never longer than `text`; empty when nothing is left.
 */
export function toFileName(text: string): string {
  const plain = text
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, "")
    .replace(/[\\/:]/g, "_")
    .trim();
  return /^\.+$/.test(plain) ? "" : plain;
}
