// A message as its visitor sees it. Media are named by their place in the message, never by the address they came from: a
// visitor's browser fetches from this server and from nowhere else.

import type { OutgoingMessage } from "@parley/engine";
import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import type { VisitorId } from "../../kernel/ids.ts";
import type { InboundMessage, Json } from "../channels/index.ts";
import type { MessageContent } from "../conversations/index.ts";

const words = z.string().max(65_536);
const title = z.string().max(512);
const address = z.string().max(2_048);

const Media = z.object({
  /** Which of the message's media: GET messages/{messageId}/media/{index}. */
  index: z.int().min(0).max(99).optional(),
  /** The visitor's own file: GET files/{fileId}. */
  fileId: idOf("file").optional(),
  type: z.string().max(200).optional(),
  name: z.string().max(255).optional(),
  bytes: z.int().min(0).optional(),
  width: z.int().min(0).optional(),
  height: z.int().min(0).optional(),
});
export type Media = z.infer<typeof Media>;

const Button = z.union([z.object({ title, payload: title }), z.object({ title, url: address })]);
const Choice = z.object({ title, payload: title });
const Row = z.object({ title, description: words.optional(), payload: title });
const Card = z.object({
  title,
  text: words.optional(),
  media: Media.optional(),
  buttons: z.array(Button).max(100),
});

const mediaOf = <T extends string>(type: T) =>
  z.object({ type: z.literal(type), media: Media, caption: words.optional() });

export const ContentView = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: words }),
  z.object({ type: z.literal("payload"), title }),
  mediaOf("image"),
  mediaOf("audio"),
  mediaOf("video"),
  mediaOf("file"),
  z.object({
    type: z.literal("location"),
    latitude: z.number(),
    longitude: z.number(),
    name: words.optional(),
    address: words.optional(),
  }),
  z.object({ type: z.literal("buttons"), text: words, buttons: z.array(Button).max(100) }),
  z.object({ type: z.literal("quickReplies"), text: words, replies: z.array(Choice).max(100) }),
  z.object({
    type: z.literal("list"),
    text: words,
    button: title,
    sections: z.array(z.object({ title: title.optional(), rows: z.array(Row).max(100) })).max(100),
  }),
  z.object({ type: z.literal("carousel"), cards: z.array(Card).max(100) }),
  z.object({ type: z.literal("unknown") }),
]);
export type ContentView = z.infer<typeof ContentView>;

const Preview = z.object({
  url: address,
  title: words.optional(),
  description: words.optional(),
  media: Media.optional(),
});
export type Preview = z.infer<typeof Preview>;

export const MessageView = z.object({
  messageId: idOf("message"),
  /** What the visitor's browser called its own message. */
  clientId: z.string().max(64).optional(),
  from: z.enum(["visitor", "bot", "agent", "system"]),
  /** The agent's name. */
  name: z.string().max(200).optional(),
  at: z.iso.datetime(),
  status: z.enum(["sent", "delivered", "read", "failed"]).optional(),
  content: ContentView,
  preview: Preview.optional(),
});
export type MessageView = z.infer<typeof MessageView>;

/** The page behind a link of a message is fetched at this place, beyond those of the message's own media. */
export const previewIndex = 99;

function withoutUndefined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** The addresses of a message's media, by their index. */
export function listMedia(message: OutgoingMessage): readonly string[] {
  switch (message.type) {
    case "image":
    case "audio":
    case "video":
    case "file":
      return [message.url];
    case "carousel":
      return message.cards.map((card) => card.imageUrl ?? "");
    default:
      return [];
  }
}

function toOutgoingContent(message: OutgoingMessage): ContentView {
  switch (message.type) {
    case "image":
    case "audio":
    case "video":
    case "file": {
      const caption = "caption" in message ? message.caption : undefined;
      const name = message.type === "file" ? message.name : undefined;
      return withoutUndefined({
        type: message.type,
        media: withoutUndefined({ index: 0, name }),
        caption,
      }) as ContentView;
    }
    case "carousel":
      return {
        type: "carousel",
        cards: message.cards.map((card, index) =>
          withoutUndefined({
            title: card.title,
            text: card.text,
            media: card.imageUrl === undefined ? undefined : { index },
            buttons: [...(card.buttons ?? [])],
          }),
        ),
      } as ContentView;
    default:
      return structuredClone(message) as ContentView;
  }
}

function asRecord(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function toOwnMedia(data: Json | undefined): Media | undefined {
  const parsed = Media.safeParse(asRecord(data)["media"]);
  return parsed.success && parsed.data.fileId !== undefined ? parsed.data : undefined;
}

function toInboundContent(message: InboundMessage): ContentView {
  const { type, text, payload, data } = message;
  if (type === "text" && text !== undefined) return { type, text };
  if (type === "payload") return { type, title: message.title ?? payload ?? "" };
  const media = toOwnMedia(data);
  const isMedia = type === "image" || type === "audio" || type === "video" || type === "file";
  if (!isMedia || media === undefined) return { type: "unknown" };
  return text === undefined ? { type, media } : { type, media, caption: text };
}

/** What the browser of `visitorId` called a message that came from it. */
function findClientId(message: InboundMessage, visitorId: VisitorId): string | undefined {
  const prefix = `${visitorId}:`;
  return message.platformMessageId.startsWith(prefix) ? message.platformMessageId.slice(prefix.length) : undefined;
}

export interface ShownMessage {
  readonly messageId: MessageView["messageId"];
  readonly createdAt: Date;
  readonly source: string;
  readonly status: string | undefined;
  readonly content: MessageContent;
  readonly preview?: Preview | undefined;
}

/** The message as the visitor sees it. */
export function toMessageView(shown: ShownMessage, visitorId: VisitorId): MessageView {
  const { messageId, content, preview } = shown;
  const at = shown.createdAt.toISOString();
  if (content.direction === "inbound") {
    const clientId = findClientId(content.message, visitorId);
    const view = {
      messageId,
      from: "visitor",
      at,
      status: "sent",
      content: toInboundContent(content.message),
    } as const;
    return clientId === undefined ? view : { ...view, clientId };
  }
  const from = shown.source === "bot" ? "bot" : shown.source === "system" ? "system" : "agent";
  const status = shown.status === undefined || shown.status === "deleted" ? "sent" : shown.status;
  const name = from === "agent" ? content.by?.name : undefined;
  const view = { messageId, from, name, at, status, content: toOutgoingContent(content.message), preview };
  return withoutUndefined(view) as MessageView;
}

/** Answers whether a message offers a choice with this payload and title. */
export function isOffered(message: OutgoingMessage, choice: { payload: string; title: string }): boolean {
  const offered = listChoices(message);
  return offered.some((one) => one.payload === choice.payload && one.title === choice.title);
}

function listChoices(message: OutgoingMessage): readonly { title: string; payload: string }[] {
  const payloads = (buttons: readonly ({ title: string } & ({ payload: string } | { url: string }))[] = []) =>
    buttons.filter((button): button is { title: string; payload: string } => "payload" in button);
  switch (message.type) {
    case "buttons":
      return payloads(message.buttons);
    case "quickReplies":
      return message.replies;
    case "list":
      return message.sections.flatMap((section) => section.rows);
    case "carousel":
      return message.cards.flatMap((card) => payloads(card.buttons));
    default:
      return [];
  }
}
