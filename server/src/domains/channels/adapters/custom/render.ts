// Renders a message for the callback address of a custom channel, signed so that the receiver can check it with the
// `standardwebhooks` library or with one plain HMAC.

import type { OutgoingMessage } from "@parley/engine";
import { AppError } from "../../../../kernel/errors.ts";
import type { PlatformRequest, SendTarget } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";
import { toFittingText } from "../bounds.ts";
import { findField } from "../credentials.ts";
import { findWebLink } from "../links.ts";
import { type ChannelKeys, findKeys, signBody, signDelivery } from "./secret.ts";

export const customLimits = {
  textLengthMax: 65_536,
  titleLengthMax: 256,
  payloadLengthMax: 1_024,
  choicesMax: 100,
} as const;

/**
 * The call that sends `message` to `settings.callbackUrl`. `webhook-id` is our reference and the same over every retry;
 * the time is that of the attempt. Throws `channels.incomplete` without a usable address or secret and
 * `channels.unsendable` for a message with nothing in it.
 */
export function renderRequest(message: OutgoingMessage, target: SendTarget): PlatformRequest {
  const url = getCallback(target);
  const keys = getKeys(target);
  const body = JSON.stringify({
    type: "message",
    id: target.reference,
    to: { id: target.externalId },
    channelId: target.channelId,
    timestamp: new Date(target.nowMs).toISOString(),
    message: toBoundedMessage(message),
  });
  const timestamp = String(Math.floor(target.nowMs / 1000));
  const signature = signDelivery(keys, { id: target.reference, timestamp, body }).toString("base64");
  const headers = {
    "content-type": "application/json",
    "webhook-id": target.reference,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
    "x-woztell-signature": signBody(keys, body).toString("base64"),
  };
  return { url, headers, body };
}

function getCallback(target: SendTarget): string {
  const url = findWebLink(findField(target.settings, "callbackUrl") ?? "");
  if (url !== undefined) return url;
  const message = "must be an http or https address without a user name";
  throw new AppError(channelErrors.incomplete, { mistakes: [{ path: "settings.callbackUrl", message }] });
}

function getKeys(target: SendTarget): ChannelKeys {
  const keys = findKeys(findField(target.credentials, "channelSecret"));
  if (keys !== undefined) return keys;
  const message = "must be whsec_ and the base64 of 24 to 64 bytes";
  throw new AppError(channelErrors.incomplete, { mistakes: [{ path: "credentials.channelSecret", message }] });
}

/** The message within `customLimits`: words are cut with an ellipsis; buttons whose payload or link cannot go are left out. */
function toBoundedMessage(message: OutgoingMessage): OutgoingMessage {
  if (message.type === "text") return { type: "text", text: toWords(message.text) };
  if (message.type === "image") return toBoundedImage(message);
  const text = toFittingText(message.text, customLimits.textLengthMax);
  if (message.type === "buttons") {
    const buttons = message.buttons.slice(0, customLimits.choicesMax).flatMap(toBoundedButton);
    return buttons.length === 0 ? { type: "text", text: toWords(text) } : { type: "buttons", text, buttons };
  }
  const replies = message.replies.slice(0, customLimits.choicesMax).flatMap(toBoundedReply);
  return replies.length === 0 ? { type: "text", text: toWords(text) } : { type: "quickReplies", text, replies };
}

function toBoundedImage(message: Extract<OutgoingMessage, { type: "image" }>): OutgoingMessage {
  const url = findWebLink(message.url);
  const caption = message.caption ?? "";
  if (url === undefined) return { type: "text", text: toWords(caption) };
  const words = toFittingText(caption, customLimits.textLengthMax);
  return words === "" ? { type: "image", url } : { type: "image", url, caption: words };
}

function toBoundedButton(
  button: { readonly title: string; readonly payload: string } | { readonly title: string; readonly url: string },
): readonly ({ title: string; payload: string } | { title: string; url: string })[] {
  if ("payload" in button) return toBoundedReply(button);
  const url = findWebLink(button.url);
  return url === undefined ? [] : [{ title: toFittingText(button.title, customLimits.titleLengthMax), url }];
}

function toBoundedReply(reply: {
  readonly title: string;
  readonly payload: string;
}): readonly { title: string; payload: string }[] {
  const { title, payload } = reply;
  const isSendable = payload !== "" && payload.length <= customLimits.payloadLengthMax && payload.isWellFormed();
  return isSendable ? [{ title: toFittingText(title, customLimits.titleLengthMax), payload }] : [];
}

function toWords(text: string): string {
  const words = toFittingText(text, customLimits.textLengthMax);
  if (words.trim() === "") throw new AppError(channelErrors.unsendable, { note: "nothing to show" });
  return words;
}
