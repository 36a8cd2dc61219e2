// Texts within WhatsApp's limits. Limits: developers.facebook.com, "Text messages" and the pages of the other kinds.

import { AppError } from "../../../../kernel/errors.ts";
import { channelErrors } from "../../errors.ts";
import { toFittingText } from "../bounds.ts";

export const whatsappLimits = {
  textLengthMax: 4_096,
  captionLengthMax: 1_024,
  buttonBodyLengthMax: 1_024,
  listBodyLengthMax: 4_096,
  listLabelLengthMax: 20,
  sectionTitleLengthMax: 24,
  rowDescriptionLengthMax: 72,
  /** No limit is documented; what is longer would be cut on the phone. */
  placeLengthMax: 1_000,
  fileNameLengthMax: 240,
} as const;

/** The part of the request that says what is sent. */
export type Part = Readonly<Record<string, unknown>> & { readonly type: string };

/** `text` and `lines` as a text message. Throws `channels.unsendable` when they show nothing. */
export function renderText(text: string, lines: readonly string[]): Part {
  const body = joinLines(text, lines, whatsappLimits.textLengthMax);
  if (body.trim() === "") throw new AppError(channelErrors.unsendable, { note: "nothing to show" });
  return { type: "text", text: { body } };
}

/** A body must not be empty; three dots say as little as the builder did. */
export function toBody(text: string, lines: readonly string[], lengthMax: number): string {
  const body = joinLines(text, lines, lengthMax);
  return body.trim() === "" ? "…" : body;
}

/** `text` and then whole `lines`: the text is cut before a line is, and a line that cannot fit is left out, never cut. */
export function joinLines(text: string, lines: readonly string[], lengthMax: number): string {
  const kept: string[] = [];
  const textLengthMin = Math.min(text.length, Math.floor(lengthMax / 4));
  let room = lengthMax - textLengthMin;
  for (const line of lines) {
    if (line.length + 1 > room) continue;
    kept.push(line);
    room -= line.length + 1;
  }
  const tail = kept.length === 0 ? "" : `\n${kept.join("\n")}`;
  return `${toFittingText(text, lengthMax - tail.length)}${tail}`.trim();
}
