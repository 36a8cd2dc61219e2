// Reads an authentic request of a custom channel into the vocabulary of all channels.

import type { ChannelSettings } from "../../adapter.ts";
import type { InboundEvent, InboundMessage, InboundStatus } from "../../types.ts";
import { assertShape } from "../assert-shape.ts";
import { toBoundedJson, toJsonObject, withoutUndefined } from "../bounded-json.ts";
import { findText, inboundBounds, timeNotGiven } from "../bounds.ts";
import { batchSchema, type CustomEvent, eventSchema } from "./payload.ts";

type StatusEvent = Extract<CustomEvent, { type: "status" }>;
type MessageEvent = Exclude<CustomEvent, StatusEvent>;

const contentFields = ["image", "audio", "video", "file", "location", "contacts", "reaction"] as const;

/**
 * The events of a body, in its order: `{ "events": [...] }` with 1 to 100 events, or a single event. Throws
 * `channels.malformed_payload` with the path of each mistake; then nothing of the body is taken.
 */
export function readEvents(body: unknown, _settings: ChannelSettings): readonly InboundEvent[] {
  const isBatch = typeof body === "object" && body !== null && Object.hasOwn(body, "events");
  const events = isBatch ? assertShape(batchSchema, body).events : [assertShape(eventSchema, body)];
  return events.map((event) => (event.type === "status" ? readStatus(event) : readMessage(event)));
}

function readMessage(event: MessageEvent): InboundMessage {
  const { textLengthMax, titleLengthMax, nameLengthMax } = inboundBounds;
  const content: Readonly<Record<string, unknown>> = event;
  const known = contentFields.filter((field) => content[field] !== undefined);
  const data = toJsonObject({
    ...Object.fromEntries(
      known.map((field) => [field === event.type && isMedia(field) ? "media" : field, toBoundedJson(content[field])]),
    ),
    custom: event.data === undefined ? undefined : toBoundedJson(event.data),
  });
  return {
    kind: "message",
    platformMessageId: event.id,
    externalId: event.from.id,
    sentAtMs: event.timestamp ?? timeNotGiven,
    type: event.type,
    ...withoutUndefined({
      profileName: findText(event.from.name, nameLengthMax),
      text: findText(content["text"], textLengthMax),
      payload: event.type === "payload" ? event.payload : undefined,
      title: findText(content["title"], titleLengthMax),
      eventType: event.type === "event" ? event.eventType : undefined,
      data,
    }),
  };
}

function isMedia(field: string): boolean {
  return field === "image" || field === "audio" || field === "video" || field === "file";
}

/** Without a message id of its own platform, our reference stands in, so that statuses of two messages stay apart. */
function readStatus(event: StatusEvent): InboundStatus {
  const platformMessageId = event.messageId ?? event.reference ?? event.id;
  return {
    kind: "status",
    platformMessageId,
    externalId: event.to?.id ?? "",
    status: event.status,
    atMs: event.at ?? timeNotGiven,
    ...withoutUndefined({
      reference: event.reference,
      errorCode: findText(event.errorCode, 64),
      errorText: findText(event.errorText, inboundBounds.errorLengthMax),
    }),
  };
}
