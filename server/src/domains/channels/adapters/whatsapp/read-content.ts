// What each type of WhatsApp message says, in the vocabulary of all channels. A reader that cannot find what its type
// must hold answers undefined and the message becomes `unknown`, with everything kept: a message is never lost because
// the platform changed one field.

import type { InboundMessage, Json } from "../../types.ts";
import { asRecord, toBoundedJson, toJsonObject, withoutUndefined } from "../bounded-json.ts";
import { findText, inboundBounds, isPlainId } from "../bounds.ts";

/** The part of an inbound message that depends on its type. */
export type Content = Pick<InboundMessage, "type" | "text" | "payload" | "title" | "eventType"> & {
  readonly data?: Record<string, Json>;
};

type ContentReader = (content: Readonly<Record<string, unknown>>, raw: unknown) => Content | undefined;

const { textLengthMax, titleLengthMax, payloadLengthMax, nameLengthMax } = inboundBounds;

const readers: ReadonlyMap<string, ContentReader> = new Map([
  ["text", readText],
  ["image", readMedia("image")],
  ["audio", readMedia("audio")],
  ["video", readMedia("video")],
  ["document", readMedia("file")],
  ["sticker", readMedia("image", "sticker")],
  ["location", readLocation],
  ["contacts", readContacts],
  ["reaction", readReaction],
  ["button", readButton],
  ["interactive", readInteractive],
  ["order", readOrder],
  ["system", readSystem],
  ["edit", readAsEvent("message_edited", "edit")],
  ["revoke", readAsEvent("message_deleted", "revoke")],
  ["request_welcome", readAsEvent("request_welcome", "requestWelcome")],
]);

/** The content of a message of `type`, read from the field of that name; undefined when it cannot be read. */
export function findContent(type: string, raw: unknown): Content | undefined {
  return readers.get(type)?.(asRecord(raw), raw);
}

function readText(content: Readonly<Record<string, unknown>>): Content | undefined {
  const text = findText(content["body"], textLengthMax);
  return text === undefined ? undefined : { type: "text", text };
}

function readMedia(type: "image" | "audio" | "video" | "file", kind?: string): ContentReader {
  return (content) => {
    if (!isPlainId(content["id"])) return undefined;
    const caption = findText(content["caption"], textLengthMax);
    const media = toJsonObject({
      id: content["id"],
      kind,
      mimeType: findText(content["mime_type"], nameLengthMax),
      sha256: findText(content["sha256"], nameLengthMax),
      filename: findText(content["filename"], nameLengthMax),
      url: findText(content["url"], 2_000),
      caption,
      voice: content["voice"] === true ? true : undefined,
      animated: content["animated"] === true ? true : undefined,
    });
    return { type, ...withoutUndefined({ text: caption, data: media && { media } }) };
  };
}

function readLocation(content: Readonly<Record<string, unknown>>): Content | undefined {
  const { latitude, longitude } = content;
  if (!isBetween(latitude, -90, 90) || !isBetween(longitude, -180, 180)) return undefined;
  const words = withoutUndefined({
    name: findText(content["name"], nameLengthMax),
    address: findText(content["address"], 1_000),
    url: findText(content["url"], 2_000),
  });
  return { type: "location", data: { location: { latitude: latitude + 0, longitude: longitude + 0, ...words } } };
}

function isBetween(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}

function readContacts(_content: Readonly<Record<string, unknown>>, raw: unknown): Content | undefined {
  if (!Array.isArray(raw) || raw.length === 0) return undefined;
  return { type: "contacts", data: { contacts: toBoundedJson(raw) } };
}

function readReaction(content: Readonly<Record<string, unknown>>): Content | undefined {
  const messageId = content["message_id"];
  if (!isPlainId(messageId)) return undefined;
  // WhatsApp leaves the emoji out, or sends it empty, when the reaction is taken back.
  const emoji = findText(content["emoji"], 64);
  return { type: "reaction", data: { reaction: { messageId, emoji: emoji ?? null, removed: emoji === undefined } } };
}

/** A quick-reply button of a template. */
function readButton(content: Readonly<Record<string, unknown>>): Content | undefined {
  const title = findText(content["text"], titleLengthMax);
  const payload = isPlainId(content["payload"], payloadLengthMax) ? content["payload"] : title;
  return payload === undefined ? undefined : { type: "payload", payload, ...withoutUndefined({ title }) };
}

function readInteractive(content: Readonly<Record<string, unknown>>): Content | undefined {
  const kind = content["type"];
  if (kind === "button_reply" || kind === "list_reply") return readChoice(asRecord(content[kind]));
  if (kind === "nfm_reply") return readFlowReply(asRecord(content["nfm_reply"]));
  return undefined;
}

function readChoice(reply: Readonly<Record<string, unknown>>): Content | undefined {
  if (!isPlainId(reply["id"], payloadLengthMax)) return undefined;
  const description = findText(reply["description"], titleLengthMax);
  const title = findText(reply["title"], titleLengthMax);
  const data = description === undefined ? undefined : { description };
  return { type: "payload", payload: reply["id"], ...withoutUndefined({ title, data }) };
}

/** The answers of a WhatsApp Flow: JSON in a text, which need not be JSON. */
function readFlowReply(reply: Readonly<Record<string, unknown>>): Content | undefined {
  const response = findText(reply["response_json"], textLengthMax);
  if (response === undefined) return undefined;
  const flow = { name: findText(reply["name"], nameLengthMax) ?? null, response: parseOrKeep(response) };
  return { type: "event", eventType: "flow_reply", data: { flow } };
}

function parseOrKeep(text: string): Json {
  try {
    return toBoundedJson(JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

function readOrder(content: Readonly<Record<string, unknown>>): Content | undefined {
  if (!Array.isArray(content["product_items"])) return undefined;
  const order = {
    catalogId: findText(content["catalog_id"], nameLengthMax) ?? null,
    items: toBoundedJson(content["product_items"]),
  };
  const text = findText(content["text"], textLengthMax);
  return { type: "event", eventType: "order", data: { order }, ...withoutUndefined({ text }) };
}

/** A member's number or id changed. The event is the old member's; the new ids are in the data. */
function readSystem(content: Readonly<Record<string, unknown>>): Content | undefined {
  const eventType = findText(content["type"], 64);
  if (eventType === undefined) return undefined;
  return { type: "event", eventType, data: { system: toBoundedJson(content) } };
}

function readAsEvent(eventType: string, key: string): ContentReader {
  return (content) => ({ type: "event", eventType, data: { [key]: toBoundedJson(content) } });
}
