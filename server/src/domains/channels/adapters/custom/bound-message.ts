// A message within what the README of custom channels promises. Words are cut with an ellipsis; a button, row or picture
// whose payload or address cannot go is left out; a file of the app goes by its id, which its content is fetched by.

import { findFileId, type OutgoingButton, type OutgoingMessage, type OutgoingRow, toFileName } from "@parley/engine";
import { AppError } from "../../../../kernel/errors.ts";
import { channelErrors } from "../../errors.ts";
import { toFittingText } from "../bounds.ts";
import { findWebLink } from "../links.ts";

export const customLimits = {
  textLengthMax: 65_536,
  titleLengthMax: 256,
  payloadLengthMax: 1_024,
  /** Buttons, replies or cards of a message, rows of all its sections, buttons of a card. */
  choicesMax: 100,
} as const;

/** A message as the callback address receives it. */
export type CustomMessage = Readonly<Record<string, unknown>> & { readonly type: OutgoingMessage["type"] };

type Of<Type extends OutgoingMessage["type"]> = Extract<OutgoingMessage, { type: Type }>;
type Reply = { readonly title: string; readonly payload: string };

/** The message within `customLimits`. Throws `channels.unsendable` when nothing is left to show. */
export function toBoundedMessage(message: OutgoingMessage): CustomMessage {
  switch (message.type) {
    case "text":
      return toText([message.text]);
    case "image":
    case "audio":
    case "video":
    case "file":
      return toBoundedMedia(message);
    case "location": {
      const { type, latitude, longitude, name, address } = message;
      return { type, latitude, longitude, ...toWords({ name, address }) };
    }
    case "buttons": {
      const buttons = take(message.buttons).flatMap(toBoundedButton);
      return buttons.length === 0 ? toText([message.text]) : { type: "buttons", text: toFit(message.text), buttons };
    }
    case "quickReplies": {
      const replies = take(message.replies).flatMap(toBoundedReply);
      return replies.length === 0
        ? toText([message.text])
        : { type: "quickReplies", text: toFit(message.text), replies };
    }
    case "list":
      return toBoundedList(message);
    case "carousel":
      return toBoundedCarousel(message);
  }
}

function toBoundedMedia(message: Of<"image"> | Of<"audio"> | Of<"video"> | Of<"file">): CustomMessage {
  const address = findAddress(message.url);
  const caption = "caption" in message ? message.caption : undefined;
  const name = message.type === "file" ? toFileName(message.name ?? "") : undefined;
  if (address === undefined) return toText([name, caption]);
  const title = toFittingText(name ?? "", customLimits.titleLengthMax);
  return { type: message.type, ...address, ...(title === "" ? {} : { name: title }), ...toWords({ caption }) };
}

/** Where the receiver finds it: on the web, or in the app by `GET /api/v1/files/{fileId}/content`. */
function findAddress(url: string): { readonly fileId: string } | { readonly url: string } | undefined {
  const fileId = findFileId(url);
  if (fileId !== undefined) return { fileId };
  const link = findWebLink(url);
  return link === undefined ? undefined : { url: link };
}

function toBoundedList(message: Of<"list">): CustomMessage {
  let room = customLimits.choicesMax;
  const sections = take(message.sections).flatMap((section) => {
    const rows = section.rows.flatMap(toBoundedRow).slice(0, room);
    room -= rows.length;
    return rows.length === 0 ? [] : [{ ...toTitle(section.title), rows }];
  });
  if (sections.length === 0) return toText([message.text]);
  return { type: "list", text: toFit(message.text), button: toFitTitle(message.button), sections };
}

function toBoundedRow(row: OutgoingRow): readonly object[] {
  return toBoundedReply(row).map((reply) => ({ ...reply, ...toWords({ description: row.description }) }));
}

function toBoundedCarousel(message: Of<"carousel">): CustomMessage {
  const cards = take(message.cards).map((card) => {
    const image = card.imageUrl === undefined ? undefined : findAddress(card.imageUrl);
    const buttons = take(card.buttons).flatMap(toBoundedButton);
    const { title, text } = card;
    return { title: toFitTitle(title), ...toWords({ text }), ...(image === undefined ? {} : { image }), buttons };
  });
  return cards.length === 0 ? toText([]) : { type: "carousel", cards };
}

function toBoundedButton(button: OutgoingButton): readonly object[] {
  if ("payload" in button) return toBoundedReply(button);
  const url = findWebLink(button.url);
  return url === undefined ? [] : [{ title: toFitTitle(button.title), url }];
}

function toBoundedReply({ title, payload }: Reply): readonly Reply[] {
  const isSendable = payload !== "" && payload.length <= customLimits.payloadLengthMax && payload.isWellFormed();
  return isSendable ? [{ title: toFitTitle(title), payload }] : [];
}

function take<T>(items: readonly T[]): readonly T[] {
  return items.slice(0, customLimits.choicesMax);
}

function toFit(text: string): string {
  return toFittingText(text, customLimits.textLengthMax);
}

function toFitTitle(text: string): string {
  return toFittingText(text, customLimits.titleLengthMax);
}

function toTitle(text: string | undefined): { readonly title?: string } {
  const title = toFitTitle(text ?? "");
  return title === "" ? {} : { title };
}

/** The words that are there, each within its bound. */
function toWords(words: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const fitting = Object.entries(words).map(([key, text]) => [key, toFit(text ?? "")] as const);
  return Object.fromEntries(fitting.filter(([, text]) => text !== ""));
}

function toText(lines: readonly (string | undefined)[]): CustomMessage {
  const text = toFit(lines.filter((line) => line !== undefined && line !== "").join("\n"));
  if (text.trim() === "") throw new AppError(channelErrors.unsendable, { note: "nothing to show" });
  return { type: "text", text };
}
