// What endpoints are told, in the documented fields of the reference platform. Two things differ there from sample to
// sample and are one thing here:
//   `timestamp` is always a number, milliseconds since 1970 in UTC;
//   every body has all of from, to, timestamp, type, data, messageId, eventType, member, channel, app, memberExtraData and
//   meta. An outbound body has the message's own in `messageEvent` besides, where the reference platform puts them, and its
//   top-level `type` says who spoke: BOT or MANUAL.
// `messageId` is the platform's id of the message (ours when the platform gave none), and so is `data.messageId` of a
// status; our ids are in `meta`. A status has `eventType` STATUS.

import type { AppId } from "../../kernel/ids.ts";
import type { InboundMessage } from "../channels/index.ts";
import type { InboundReceived, MessageEvent, OutboundSent, StatusChanged } from "../conversations/index.ts";
import { type Fields, outgoingTypes, toOutgoingData, withoutUndefined } from "./to-outgoing-data.ts";

/** Our side's address on the platform: its phone number id where it has one. */
function toOurAddress(event: MessageEvent): string {
  return event.channelSettings["phoneNumberId"] ?? event.channelId;
}

/** What the platform said, with our names for text, payload, title and event on top. */
function toInboundData(message: InboundMessage): Fields {
  const { text, payload, title, eventType, data } = message;
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  const rest = isObject ? data : withoutUndefined({ value: data });
  return { ...rest, ...withoutUndefined({ text, payload, title, eventType }) };
}

function toCommon(event: MessageEvent, appId: AppId): Fields {
  return { member: event.memberId, channel: event.channelId, app: appId, memberExtraData: {} };
}

function toInboundBody(event: InboundReceived, appId: AppId): Fields {
  const { message, eventId, conversationId, correlationId } = event;
  return {
    eventType: "INBOUND",
    type: message.type.toUpperCase(),
    from: message.externalId,
    to: toOurAddress(event),
    timestamp: event.atMs,
    data: toInboundData(message),
    messageId: message.platformMessageId,
    ...toCommon(event, appId),
    meta: { eventId, conversationId, correlationId },
  };
}

function toStatusBody(event: StatusChanged, appId: AppId): Fields {
  const { status, eventId, messageId, conversationId, correlationId } = event;
  const { platformMessageId, errorCode, errorText } = status;
  return {
    eventType: "STATUS",
    type: status.status.toUpperCase(),
    from: status.externalId,
    to: toOurAddress(event),
    timestamp: event.atMs,
    data: { messageId: platformMessageId, ...withoutUndefined({ errorCode, errorText }) },
    messageId: platformMessageId,
    ...toCommon(event, appId),
    meta: { eventId, messageId, conversationId, correlationId },
  };
}

function toOutboundBody(event: OutboundSent, appId: AppId): Fields {
  const { message, messageId, conversationId, correlationId, source } = event;
  const said = {
    from: toOurAddress(event),
    to: event.externalId,
    timestamp: event.atMs,
    data: toOutgoingData(message),
    messageId: event.platformMessageId ?? messageId,
  };
  return {
    eventType: "OUTBOUND",
    type: source.toUpperCase(),
    ...said,
    ...toCommon(event, appId),
    meta: { messageId, conversationId, correlationId, source: { integrationId: source } },
    messageEvent: { ...said, type: outgoingTypes[message.type] },
  };
}

/** The body of an event. The same event always has the same body. */
export function toBody(event: MessageEvent, appId: AppId): Fields {
  switch (event.kind) {
    case "inbound":
      return toInboundBody(event, appId);
    case "status":
      return toStatusBody(event, appId);
    case "outbound":
      return toOutboundBody(event, appId);
  }
}
