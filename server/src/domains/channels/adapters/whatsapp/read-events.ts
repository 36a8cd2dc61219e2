// Reads one webhook body of WhatsApp. One Meta app may post the events of several numbers to one address, all signed
// with the same key, so a valid signature says nothing about whose number it is: every change is matched with the
// channel's own number before a word of it is read.

import { AppError } from "../../../../kernel/errors.ts";
import type { ChannelSettings } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";
import type { InboundEvent } from "../../types.ts";
import { assertShape } from "../assert-shape.ts";
import { asRecord } from "../bounded-json.ts";
import { findField } from "../credentials.ts";
import { envelopeSchema, metadataSchema, valueSchema } from "./payload.ts";
import { readMessage } from "./read-message.ts";
import { type NoticeSource, readErrorNotice, readNotice, toIgnoredNotice } from "./read-notice.ts";
import { findStatus } from "./read-status.ts";

interface Change extends NoticeSource {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
}

/**
 * The events of a body, in its order. Changes of another number, or notices of another account, yield one notice with
 * the reason and nothing else. Throws `channels.malformed_payload` with paths, and `channels.incomplete` when the
 * channel has no number: without it nothing can be told to be ours.
 * SECURITY: no event of another number becomes a message or a status here.
 */
export function readEvents(body: unknown, settings: ChannelSettings): readonly InboundEvent[] {
  const ownNumber = findField(settings, "phoneNumberId");
  if (ownNumber === undefined) {
    const mistakes = [{ path: "settings.phoneNumberId", message: "is missing" }];
    throw new AppError(channelErrors.incomplete, { mistakes });
  }
  const envelope = assertShape(envelopeSchema, body);
  return envelope.entry.flatMap((entry, entryIndex) =>
    entry.changes.flatMap((change, changeIndex) => {
      const path = ["entry", entryIndex, "changes", changeIndex, "value"];
      const source = { accountId: entry.id, atMs: entry.time, field: change.field, value: change.value, path };
      return readChange(source, ownNumber, findField(settings, "wabaId"));
    }),
  );
}

function readChange(change: Change, ownNumber: string, ownAccount: string | undefined): readonly InboundEvent[] {
  const number = findNumber(change);
  if (number !== undefined && number !== ownNumber) return [toForeignNumber(change, number)];
  if (change.field === "messages") return readMessages(change);
  if (number === undefined && ownAccount !== undefined && change.accountId !== ownAccount) {
    return [toForeignAccount(change)];
  }
  return [readNotice(change, change.value)];
}

/** The number a change is about. Required of messages; other changes may be about the whole account. */
function findNumber(change: Change): string | undefined {
  if (change.field !== "messages" && asRecord(change.value)["metadata"] === undefined) return undefined;
  return assertShape(metadataSchema, change.value, change.path).metadata.phone_number_id;
}

function readMessages(change: Change): readonly InboundEvent[] {
  const value = assertShape(valueSchema, change.value, change.path);
  const events: InboundEvent[] = [];
  for (const message of value.messages ?? []) events.push(readMessage(message, value));
  for (const status of value.statuses ?? []) {
    events.push(findStatus(status) ?? toUnreadStatus(change, status.status, status.id));
  }
  for (const error of value.errors ?? []) events.push(readErrorNotice(change, error));
  const isRead = [value.messages, value.statuses, value.errors].some((part) => part !== undefined);
  return isRead ? events : [toUnreadChange(change)];
}

function toForeignNumber(change: Change, number: string): InboundEvent {
  const reason = `Events of the number ${number} came to this channel and were left aside. It belongs to another channel of the same Meta app.`;
  return toIgnoredNotice(change, { code: "whatsapp.foreign_number", reason, subject: number });
}

function toForeignAccount(change: Change): InboundEvent {
  const reason = `A notice of the WhatsApp Business account ${change.accountId} came to this channel and was left aside.`;
  return toIgnoredNotice(change, { code: "whatsapp.foreign_account", reason, subject: change.accountId });
}

function toUnreadStatus(change: Change, status: string, messageId: string): InboundEvent {
  const name = /^[a-z_]+$/.test(status) ? status : "other";
  const reason = `WhatsApp reported the message status ${name}, which is not shown on messages.`;
  return toIgnoredNotice(change, { code: "whatsapp.unread_status", reason, subject: `${messageId}\n${status}` });
}

function toUnreadChange(change: Change): InboundEvent {
  const known = new Set(["messaging_product", "metadata", "contacts"]);
  const parts = Object.keys(asRecord(change.value)).filter((key) => !known.has(key) && /^[a-z_]{1,64}$/.test(key));
  const reason = `WhatsApp sent a change that holds no message: ${parts.slice(0, 5).join(", ") || "nothing known"}.`;
  return toIgnoredNotice(change, { code: "whatsapp.unread_change", reason, subject: parts.join(",") });
}
