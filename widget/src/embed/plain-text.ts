// A message in words alone: what a screen reader is told when it comes.

import { parseRichText, toPlainText as writePlainText } from "@parley/richtext";
import type { Message } from "../client/types.ts";
import type { Texts } from "./texts/index.ts";

/** The words of a rich text. */
export const withoutMarks = (text: string): string => writePlainText(parseRichText(text));

/** The words of a message: its text with the titles to choose from, or what kind of thing it is. */
export function toPlainText({ content }: Pick<Message, "content">, texts: Texts): string {
  switch (content.type) {
    case "text":
      return withoutMarks(content.text);
    case "payload":
      return content.title;
    case "buttons":
      return [withoutMarks(content.text), ...content.buttons.map(({ title }) => title)].join(". ");
    case "quickReplies":
      return [withoutMarks(content.text), ...content.replies.map(({ title }) => title)].join(". ");
    case "list":
      return `${withoutMarks(content.text)}. ${content.button}`;
    case "carousel":
      return content.cards.map(({ title }) => title).join(", ");
    case "location":
      return [texts.location, content.name, content.address].filter(Boolean).join(": ");
    case "unknown":
      return texts.unknown;
    default:
      return [texts[content.type], content.caption ?? content.media.name].filter(Boolean).join(": ");
  }
}
