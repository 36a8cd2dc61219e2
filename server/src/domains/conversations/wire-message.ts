// Messages as the Bot API takes them: the documented shapes of the reference platform (`{ "type": "TEXT", "text" }`) and our
// own names for the same things. Either becomes one of the generic messages.

import { degreesMax, limits, type OutgoingCard, type OutgoingMessage, toFileName } from "@parley/engine";
import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import type { FileId } from "../../kernel/ids.ts";

const httpsUrl = z.url({ protocol: /^https$/, error: "must be an address that begins with https://" }).max(2048);
const text = z.string().min(1).max(4096);
const caption = z.string().max(1024).optional();
const title = z.string().min(1).max(limits.titleLength);
const payload = z.string().min(1).max(limits.payloadLength);
const place = z.string().min(1).max(limits.placeLength).optional();
const fileId = idOf("file").optional();

const Reply = z.strictObject({ title, payload });
const Button = z.union([Reply, z.strictObject({ title, url: httpsUrl })]);

/** Where something lies: at a public address, or in the app under the id of a file. */
const address = { url: httpsUrl.optional(), fileId };

function isEither(message: { readonly url?: unknown; readonly fileId?: unknown }): boolean {
  return (message.url === undefined) !== (message.fileId === undefined);
}
const eitherRule = { error: "must be there, or fileId instead, and not both", path: ["url"] };

const TextMessage = z.strictObject({ type: z.enum(["TEXT", "text"]), text });
const ImageMessage = z.strictObject({ type: z.enum(["IMAGE", "image"]), ...address, caption });
const AudioMessage = z.strictObject({ type: z.enum(["AUDIO", "audio"]), ...address });
const VideoMessage = z.strictObject({ type: z.enum(["VIDEO", "video"]), ...address, caption });
const FileMessage = z.strictObject({
  type: z.enum(["FILE", "file"]),
  ...address,
  name: z
    .string()
    .min(1)
    .max(limits.fileNameLength)
    .refine((name) => name === toFileName(name), { error: "must be a plain name without a path" })
    .optional(),
  caption,
});
const LocationMessage = z.strictObject({
  type: z.enum(["LOCATION", "location"]),
  latitude: z.number().min(-degreesMax.latitude).max(degreesMax.latitude),
  longitude: z.number().min(-degreesMax.longitude).max(degreesMax.longitude),
  name: place,
  address: place,
});
const ButtonsMessage = z.strictObject({
  type: z.enum(["BUTTONS", "buttons"]),
  text,
  buttons: z.array(Button).min(1).max(limits.buttonsPerResponse),
});
const QuickRepliesMessage = z.strictObject({
  type: z.enum(["QUICK_REPLIES", "quickReplies"]),
  text,
  replies: z.array(Reply).min(1).max(limits.quickRepliesPerResponse),
});
const Row = z.strictObject({ title, description: z.string().max(limits.rowDescriptionLength).optional(), payload });
const Section = z.strictObject({
  title: title.optional(),
  rows: z.array(Row).min(1).max(limits.rowsPerSection),
});
const ListMessage = z.strictObject({
  type: z.enum(["LIST", "list"]),
  text,
  button: title,
  sections: z.array(Section).min(1).max(limits.sectionsPerList),
});
const Card = z
  .strictObject({
    title,
    text: z.string().max(limits.cardTextLength).optional(),
    imageUrl: httpsUrl.optional(),
    imageFileId: fileId,
    buttons: z.array(Button).max(limits.buttonsPerCard).optional(),
  })
  .refine((card) => card.imageUrl === undefined || card.imageFileId === undefined, {
    error: "must not be there beside imageUrl",
    path: ["imageFileId"],
  });
const CarouselMessage = z.strictObject({
  type: z.enum(["CAROUSEL", "carousel"]),
  cards: z.array(Card).min(1).max(limits.cardsPerCarousel),
});

/** One message to send. */
export const WireMessage = z.discriminatedUnion("type", [
  TextMessage,
  ImageMessage.refine(isEither, eitherRule),
  AudioMessage.refine(isEither, eitherRule),
  VideoMessage.refine(isEither, eitherRule),
  FileMessage.refine(isEither, eitherRule),
  LocationMessage,
  ButtonsMessage,
  QuickRepliesMessage,
  ListMessage,
  CarouselMessage,
]);
export type WireMessage = z.infer<typeof WireMessage>;

type Present<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** The fields that have a value, as the generic messages want them. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

function toAddress(url: string | undefined, file: FileId | undefined): string {
  return file === undefined ? (url ?? "") : `file:${file}`;
}

/** The generic message of a wire message. */
export function toOutgoing(message: WireMessage): OutgoingMessage {
  switch (message.type) {
    case "TEXT":
    case "text":
      return { type: "text", text: message.text };
    case "IMAGE":
    case "image":
      return present({ type: "image", url: toAddress(message.url, message.fileId), caption: message.caption });
    case "AUDIO":
    case "audio":
      return { type: "audio", url: toAddress(message.url, message.fileId) };
    case "VIDEO":
    case "video":
      return present({ type: "video", url: toAddress(message.url, message.fileId), caption: message.caption });
    case "FILE":
    case "file": {
      const { name, caption: words } = message;
      return present({ type: "file", url: toAddress(message.url, message.fileId), name, caption: words });
    }
    case "LOCATION":
    case "location":
      return present({ ...message, type: "location" });
    case "BUTTONS":
    case "buttons":
      return { type: "buttons", text: message.text, buttons: message.buttons };
    case "QUICK_REPLIES":
    case "quickReplies":
      return { type: "quickReplies", text: message.text, replies: message.replies };
    case "LIST":
    case "list": {
      const sections = message.sections.map(({ title: heading, rows }) =>
        present({ title: heading, rows: rows.map(present) }),
      );
      return { type: "list", text: message.text, button: message.button, sections };
    }
    case "CAROUSEL":
    case "carousel":
      return { type: "carousel", cards: message.cards.map(toCard) };
  }
}

function toCard(card: z.infer<typeof Card>): OutgoingCard {
  const { title: heading, text: words, imageUrl, imageFileId, buttons = [] } = card;
  const image = imageUrl === undefined && imageFileId === undefined ? undefined : toAddress(imageUrl, imageFileId);
  return present({ title: heading, text: words, imageUrl: image, buttons });
}
