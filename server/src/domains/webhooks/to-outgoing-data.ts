// What was said, in the fields in which the Bot API takes it: what an endpoint is told could be sent again as it is.

import {
  findFileId,
  type OutgoingButton,
  type OutgoingCard,
  type OutgoingMessage,
  type OutgoingRow,
  type OutgoingSection,
} from "@parley/engine";
import type { Json } from "../channels/index.ts";

export type Fields = Record<string, Json>;

/** The fields that have a value. */
export function withoutUndefined(fields: Readonly<Record<string, Json | undefined>>): Fields {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** The documented name of each kind of message. */
export const outgoingTypes: { readonly [Type in OutgoingMessage["type"]]: string } = {
  text: "TEXT",
  image: "IMAGE",
  audio: "AUDIO",
  video: "VIDEO",
  file: "FILE",
  location: "LOCATION",
  buttons: "BUTTONS",
  quickReplies: "QUICK_REPLIES",
  list: "LIST",
  carousel: "CAROUSEL",
};

/** The content of a message, without its type. */
export function toOutgoingData(message: OutgoingMessage): Fields {
  switch (message.type) {
    case "text":
      return { text: message.text };
    case "image":
    case "video":
      return withoutUndefined({ ...toAddress(message.url), caption: message.caption });
    case "audio":
      return toAddress(message.url);
    case "file":
      return withoutUndefined({ ...toAddress(message.url), name: message.name, caption: message.caption });
    case "location": {
      const { latitude, longitude, name, address } = message;
      return withoutUndefined({ latitude, longitude, name, address });
    }
    case "buttons":
      return { text: message.text, buttons: toCopies(message.buttons) };
    case "quickReplies":
      return { text: message.text, replies: toCopies(message.replies) };
    case "list":
      return { text: message.text, button: message.button, sections: message.sections.map(toSection) };
    case "carousel":
      return { cards: message.cards.map(toCard) };
  }
}

/** A file of the app by its id, anything else by its address. */
function toAddress(url: string): Fields {
  const fileId = findFileId(url);
  return fileId === undefined ? { url } : { fileId };
}

function toSection(section: OutgoingSection): Fields {
  return withoutUndefined({ title: section.title, rows: toCopies(section.rows) });
}

function toCard(card: OutgoingCard): Fields {
  const { title, text, imageUrl, buttons } = card;
  const fileId = imageUrl === undefined ? undefined : findFileId(imageUrl);
  const image = fileId === undefined ? { imageUrl } : { imageFileId: fileId };
  return withoutUndefined({ title, text, ...image, buttons: toCopies(buttons) });
}

function toCopies(choices: readonly (OutgoingButton | OutgoingRow)[]): Json {
  return choices.map((choice) => ({ ...choice }));
}
