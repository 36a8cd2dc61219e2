// Reads the server's answers. Everything is taken as unknown: a field of the wrong type is left out, a message of a kind
// this release does not know becomes `unknown`, and nothing here throws.

import type {
  Button,
  Card,
  Content,
  Delivery,
  From,
  ListRow,
  ListSection,
  Media,
  MediaKind,
  Message,
  Mode,
  Preview,
  Reply,
} from "./types.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; none of anything else. */
export function readFields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The text, or undefined for anything else. */
export const readText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
/** The finite number, or undefined for anything else. */
export const readNumber = (value: unknown): number | undefined =>
  Number.isFinite(value) ? (value as number) : undefined;
const readList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** What can be read of a list. */
const readEach = <Value>(list: unknown, read: (value: unknown) => Value | undefined): Value[] =>
  readList(list)
    .map(read)
    .filter((value) => value !== undefined);

type Present<Value> = { [Name in keyof Value]?: Exclude<Value[Name], undefined> };

/** The fields that are not undefined. */
export function pick<Value extends object>(fields: Value): Present<Value> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Value>;
}

/** The texts of these names that are there. */
export const readTexts = <Name extends string>(
  fields: Fields,
  ...names: readonly Name[]
): Partial<Record<Name, string>> =>
  pick(Object.fromEntries(names.map((name) => [name, readText(fields[name])]))) as Partial<Record<Name, string>>;

/** The numbers of these names that are there. */
export const readNumbers = <Name extends string>(
  fields: Fields,
  ...names: readonly Name[]
): Partial<Record<Name, number>> =>
  pick(Object.fromEntries(names.map((name) => [name, readNumber(fields[name])]))) as Partial<Record<Name, number>>;

/** What is known of a file. */
export const readFile = (fields: Fields) => ({
  ...readTexts(fields, "type", "name"),
  ...readNumbers(fields, "bytes", "width", "height"),
});

function parseMedia(value: unknown): Media | undefined {
  const fields = readFields(value);
  const [index, fileId] = [readNumber(fields.index), readText(fields.fileId)];
  const source = fileId === undefined ? (index === undefined ? undefined : { index }) : { fileId };
  if (source === undefined) return undefined;
  return { source, ...readFile(fields) };
}

function parseReply(value: unknown): Reply | undefined {
  const fields = readFields(value);
  const [title, payload] = [readText(fields.title), readText(fields.payload)];
  return title === undefined || payload === undefined ? undefined : { title, payload };
}

function parseButton(value: unknown): Button | undefined {
  const fields = readFields(value);
  const [title, url] = [readText(fields.title), readText(fields.url)];
  return title !== undefined && url !== undefined ? { title, url } : parseReply(value);
}

function parseRow(value: unknown): ListRow | undefined {
  const reply = parseReply(value);
  return reply && { ...reply, ...readTexts(readFields(value), "description") };
}

function parseSection(value: unknown): ListSection {
  const fields = readFields(value);
  return {
    ...readTexts(fields, "title"),
    rows: readEach(fields.rows, parseRow),
  };
}

function parseCard(value: unknown): Card | undefined {
  const fields = readFields(value);
  const title = readText(fields.title);
  if (title === undefined) return undefined;
  const buttons = readEach(fields.buttons, parseButton);
  return { title, ...readTexts(fields, "text"), ...pick({ media: parseMedia(fields.media) }), buttons };
}

function parseMediaContent(type: MediaKind, fields: Fields): Content {
  const media = parseMedia(fields.media);
  return media === undefined ? unknown : { type, media, ...readTexts(fields, "caption") };
}

const unknown: Content = { type: "unknown" };

function parseLocation(fields: Fields): Content {
  const [latitude, longitude] = [readNumber(fields.latitude), readNumber(fields.longitude)];
  if (latitude === undefined || longitude === undefined) return unknown;
  return { type: "location", latitude, longitude, ...readTexts(fields, "name", "address") };
}

/** What a message shows; `unknown` for what this release cannot show. */
export function parseContent(value: unknown): Content {
  const fields = readFields(value);
  const text = readText(fields.text);
  switch (fields.type) {
    case "text":
      return text === undefined ? unknown : { type: "text", text };
    case "image":
    case "audio":
    case "video":
    case "file":
      return parseMediaContent(fields.type, fields);
    case "location":
      return parseLocation(fields);
    case "buttons":
      return {
        type: "buttons",
        text: text ?? "",
        buttons: readEach(fields.buttons, parseButton),
      };
    case "quickReplies":
      return {
        type: "quickReplies",
        text: text ?? "",
        replies: readEach(fields.replies, parseReply),
      };
    case "list":
      return {
        type: "list",
        text: text ?? "",
        button: readText(fields.button) ?? "",
        sections: readList(fields.sections).map(parseSection),
      };
    case "carousel":
      return { type: "carousel", cards: readEach(fields.cards, parseCard) };
    case "payload":
      return { type: "payload", title: readText(fields.title) ?? "" };
    default:
      return unknown;
  }
}

const froms: readonly string[] = ["visitor", "bot", "agent", "system"] satisfies From[];
const deliveries: readonly string[] = ["sent", "delivered", "read", "failed"] satisfies Delivery[];

/** The state of delivery, or undefined. */
export const parseDelivery = (value: unknown): Delivery | undefined =>
  deliveries.includes(value as string) ? (value as Delivery) : undefined;

/** Who answers; the bot unless it is said that it is a person (`live`) or that one is awaited (`queued`). */
export const parseMode = (value: unknown): Mode =>
  value === "live" ? "agent" : value === "queued" ? "waiting" : "bot";

/** `msg_` and the hex digits of a UUIDv7: their order as text is the order of the messages. */
export const isMessageId = (value: unknown): value is string =>
  typeof value === "string" && /^msg_[0-9a-f]{32}$/.test(value);

function parsePreview(value: unknown): Preview | undefined {
  const fields = readFields(value);
  const [title, url] = [readText(fields.title), readText(fields.url)];
  if (url === undefined) return undefined;
  return {
    title: title ?? url,
    url,
    ...readTexts(fields, "description"),
    ...pick({ media: parseMedia(fields.media) }),
  };
}

/** A message that the server knows. */
export type ServerMessage = Message & { readonly messageId: string };

/** The message, or undefined when it has no id to be known by. */
export function parseMessage(value: unknown): ServerMessage | undefined {
  const fields = readFields(value);
  const { messageId } = fields;
  if (!isMessageId(messageId)) return undefined;
  const clientId = readText(fields.clientId);
  const at = Date.parse(readText(fields.at) ?? "");
  return {
    key: clientId ?? messageId,
    messageId,
    from: froms.includes(fields.from as string) ? (fields.from as From) : "system",
    // The time in a UUIDv7 is its first 48 bits (RFC 9562 5.7).
    at: Number.isNaN(at) ? Number.parseInt(messageId.slice(4, 16), 16) : at,
    ...pick({ clientId, name: readText(fields.name), status: parseDelivery(fields.status) }),
    content: parseContent(fields.content),
    ...pick({ preview: parsePreview(fields.preview) }),
  };
}

export interface MessagePage {
  readonly items: readonly ServerMessage[];
  readonly mode: Mode;
  readonly hasMore: boolean;
}

/** A page of messages; what cannot be read is left out. */
export function parsePage(value: unknown): MessagePage {
  const fields = readFields(value);
  return {
    items: readEach(fields.items, parseMessage),
    mode: parseMode(fields.mode),
    hasMore: fields.hasMore === true,
  };
}
