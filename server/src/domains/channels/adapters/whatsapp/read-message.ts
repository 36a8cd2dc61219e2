// One message of a WhatsApp member: who sent it, when, what it says and what it refers to.

import type { InboundMessage, Json } from "../../types.ts";
import { asRecord, toBoundedJson, toJsonObject, withoutUndefined } from "../bounded-json.ts";
import { findText, inboundBounds, isPlainId } from "../bounds.ts";
import type { WhatsappMessage, WhatsappValue } from "./payload.ts";
import { type Content, findContent } from "./read-content.ts";

/**
 * The message as an event. Types that are not known, cannot be read or come from a group become `unknown` with their
 * content kept. `sentAtMs` is WhatsApp's time, to the second.
 */
export function readMessage(message: WhatsappMessage, value: WhatsappValue): InboundMessage {
  const contact = findContact(message, value);
  const profile = asRecord(contact["profile"]);
  const content = readKnown(message) ?? readUnknown(message);
  const alternateIds = findAlternateIds(message);
  const { data: contentData, ...words } = content;
  const data = toJsonObject({
    ...contentData,
    sender: readSender(message, contact),
    context: readContext(message.fields["context"]),
    referral: message.fields["referral"] === undefined ? undefined : toBoundedJson(message.fields["referral"]),
  });
  return {
    kind: "message",
    platformMessageId: message.id,
    externalId: message.senderId,
    sentAtMs: message.timestamp,
    ...words,
    ...withoutUndefined({ profileName: findText(profile["name"], inboundBounds.nameLengthMax), alternateIds, data }),
  };
}

/**
 * The member's business-scoped user id beside the phone number: WhatsApp may stop giving the number once a member takes
 * a user name. A system message tells of a change of ids, so there they are not the same member's yet.
 */
function findAlternateIds(message: WhatsappMessage): readonly string[] | undefined {
  const isSame = message.type !== "system" && message.group_id === undefined;
  const ids = [message.from, message.from_user_id].filter((id) => id !== undefined && id !== message.senderId);
  return isSame && ids.length > 0 ? ids.filter((id) => id !== undefined) : undefined;
}

function readKnown(message: WhatsappMessage): Content | undefined {
  // A bot that took a group's message for a private one would answer the wrong conversation.
  if (message.group_id !== undefined) return undefined;
  return findContent(message.type, message.fields[message.type]);
}

function readUnknown(message: WhatsappMessage): Content {
  const data = toJsonObject({
    originalType: findText(message.type, 64),
    groupId: message.group_id,
    content: toBoundedJson(Object.hasOwn(message.fields, message.type) ? message.fields[message.type] : null),
    errors: message.fields["errors"] === undefined ? undefined : toBoundedJson(message.fields["errors"]),
  });
  return { type: "unknown", ...withoutUndefined({ data }) };
}

/** The contact that belongs to the message: by number or user id, or the only one there is. */
function findContact(message: WhatsappMessage, value: WhatsappValue): Readonly<Record<string, unknown>> {
  const contacts = (value.contacts ?? []).map(asRecord);
  const own = contacts.find(
    (contact) =>
      (message.from !== undefined && contact["wa_id"] === message.from) ||
      (message.from_user_id !== undefined && contact["user_id"] === message.from_user_id),
  );
  // A number may be written differently in `from` and `wa_id`, so a lone contact of a lone message is taken as it is.
  const isAlone = contacts.length === 1 && value.messages?.length === 1 && message.type !== "system";
  return own ?? (isAlone ? asRecord(contacts[0]) : {});
}

/** Every id WhatsApp gave for the sender, so that number and business-scoped user id can be told to be one member. */
function readSender(message: WhatsappMessage, contact: Readonly<Record<string, unknown>>): Json | undefined {
  const idOf = (value: unknown): string | undefined => (isPlainId(value) ? value : undefined);
  return toJsonObject({
    phone: message.from,
    waId: idOf(contact["wa_id"]),
    userId: message.from_user_id ?? idOf(contact["user_id"]),
    parentUserId: message.from_parent_user_id ?? idOf(contact["parent_user_id"]),
    username: findText(asRecord(contact["profile"])["username"], inboundBounds.nameLengthMax),
  });
}

/** What the message answers or where it was forwarded from. */
function readContext(value: unknown): Json | undefined {
  const context = asRecord(value);
  const product = context["referred_product"];
  return toJsonObject({
    replyTo: isPlainId(context["id"]) ? context["id"] : undefined,
    replyToAuthor: isPlainId(context["from"]) ? context["from"] : undefined,
    forwarded: context["forwarded"] === true || context["frequently_forwarded"] === true ? true : undefined,
    product: product === undefined ? undefined : toBoundedJson(product),
  });
}
