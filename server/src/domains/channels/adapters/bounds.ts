// How much of a platform's words is kept. Ids are never cut, because a cut id is another id; words are cut, because a
// long name must not stop a message. All text that leaves here can be stored: no NUL, no half of a surrogate pair
// (PostgreSQL refuses both). Lengths are UTF-16 code units, the strictest way a platform could count.

import { z } from "zod";

export const inboundBounds = {
  idLengthMax: 512,
  payloadLengthMax: 1024,
  textLengthMax: 65_536,
  titleLengthMax: 256,
  nameLengthMax: 256,
  errorLengthMax: 512,
} as const;

/** `atMs` and `sentAtMs` of an event whose platform gave no time: the pipeline puts the time of receipt instead. */
export const timeNotGiven = 0;

const unstorable = /[\p{Cc}\p{Cs}]/u;

/** Answers whether `text` is a usable id: 1 to `lengthMax` characters, no control character, no half surrogate pair. */
export function isPlainId(text: unknown, lengthMax: number = inboundBounds.idLengthMax): text is string {
  return typeof text === "string" && text.length > 0 && text.length <= lengthMax && !unstorable.test(text);
}

/** An id from outside. Over-long or unprintable ids are mistakes, never cut. */
export const platformId = z
  .string()
  .min(1)
  .max(inboundBounds.idLengthMax)
  .refine((text) => !unstorable.test(text), { error: "must hold no control characters" });

/** `text` made storable and cut to `lengthMax` at a character boundary. Total. */
export function toStorableText(text: string, lengthMax: number): string {
  const clean = text.toWellFormed().replaceAll("\u0000", "");
  if (clean.length <= lengthMax) return clean;
  const cut = clean.slice(0, lengthMax);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** `value` as storable text when it is non-empty text, otherwise undefined. */
export function findText(value: unknown, lengthMax: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = toStorableText(value, lengthMax);
  return text === "" ? undefined : text;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * `text` in at most `lengthMax` code units for sending; what is too long ends in an ellipsis. Cut between whole visible
 * characters, so that no emoji is torn.
 */
export function toFittingText(text: string, lengthMax: number): string {
  const clean = text.toWellFormed().replaceAll("\u0000", "");
  if (clean.length <= lengthMax) return clean;
  let end = 0;
  // A little beyond the limit, so that the character that crosses it is seen whole.
  for (const part of graphemes.segment(clean.slice(0, lengthMax + 64))) {
    const partEnd = part.index + part.segment.length;
    if (partEnd >= lengthMax) break;
    end = partEnd;
  }
  const head = end > 0 ? clean.slice(0, end) : toStorableText(clean, Math.max(0, lengthMax - 1));
  return lengthMax <= 0 ? "" : `${head}…`;
}
