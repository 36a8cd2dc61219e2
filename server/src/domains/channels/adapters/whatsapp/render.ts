// Renders a message for `POST {apiUrl}/{phoneNumberId}/messages` of the WhatsApp Cloud API. What WhatsApp cannot show is
// degraded and, but for the pictures of cards, never dropped: links and surplus choices become lines of text, and texts over a
// limit end in an ellipsis, because one request carries one message and splitting it would break "one message, one reference".

import type { OutgoingMessage } from "@parley/engine";
import type { PlatformRequest, SendTarget } from "../../adapter.ts";
import { findField, getField } from "../credentials.ts";
import { renderCards, renderChoices, renderSections } from "./render-choices.ts";
import { renderLocation, renderMedia } from "./render-media.ts";
import { type Part, renderText } from "./render-text.ts";

/** Says "list" in every language; the setting `listLabel` replaces it. */
const defaultListLabel = "☰";

/**
 * The call that sends `message`. Texts over 4,096 characters (1,024 with buttons) end in an ellipsis; 4 to 10 choices,
 * or up to 3 under a long text, become a list; a single link becomes a link button. Throws `channels.unsendable` when
 * nothing is left to show and `channels.incomplete` when a setting or secret is missing.
 */
export function renderRequest(message: OutgoingMessage, target: SendTarget): PlatformRequest {
  const number = getField(target.settings, {
    place: "settings",
    name: "phoneNumberId",
    pattern: /^\d{1,32}$/,
    rule: "must be the digits of WhatsApp's phone number id",
  });
  const token = getField(target.credentials, {
    place: "credentials",
    name: "accessToken",
    pattern: /^[\x21-\x7e]+$/,
    rule: "must hold no spaces or line breaks",
  });
  const part = renderMessage(message, findField(target.settings, "listLabel") ?? defaultListLabel);
  const body = {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...toRecipient(target.externalId),
    biz_opaque_callback_data: target.reference,
    ...part,
  };
  return {
    url: `${target.apiUrl.replace(/\/+$/, "")}/${number}/messages`,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Members known only by a business-scoped user id are addressed by `recipient`, all others by number. */
function toRecipient(externalId: string): Readonly<Record<string, string>> {
  return /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.test(externalId) ? { recipient: externalId } : { to: externalId };
}

function renderMessage(message: OutgoingMessage, listLabel: string): Part {
  switch (message.type) {
    case "text":
      return renderText(message.text, []);
    case "image":
    case "audio":
    case "video":
    case "file":
      return renderMedia(message);
    case "location":
      return renderLocation(message);
    case "buttons":
      return renderChoices(message.text, message.buttons, listLabel);
    case "quickReplies":
      return renderChoices(message.text, message.replies, listLabel);
    case "list":
      return renderSections(message, listLabel);
    case "carousel":
      return renderCards(message, listLabel);
  }
}
