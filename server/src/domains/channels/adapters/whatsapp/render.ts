// Renders a message for `POST {apiUrl}/{phoneNumberId}/messages` of the WhatsApp Cloud API. What WhatsApp cannot show is
// degraded, never dropped: links and surplus choices become lines of text, and texts over a limit end in an ellipsis,
// because one request carries one message and splitting it would break "one message, one reference".

import type { OutgoingMessage } from "@parley/engine";
import { AppError } from "../../../../kernel/errors.ts";
import type { PlatformRequest, SendTarget } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";
import { toFittingText } from "../bounds.ts";
import { findField, getField } from "../credentials.ts";
import { findWebLink } from "../links.ts";
import { buttonLimits, rowLimits, type SortedChoices, sortChoices, type WantedChoice } from "./choices.ts";

export const whatsappLimits = {
  textLengthMax: 4_096,
  captionLengthMax: 1_024,
  buttonBodyLengthMax: 1_024,
  listBodyLengthMax: 4_096,
  listLabelLengthMax: 20,
  rowDescriptionLengthMax: 72,
} as const;

/** Says "list" in every language; the setting `listLabel` replaces it. */
const defaultListLabel = "☰";

type Part = Readonly<Record<string, unknown>> & { readonly type: string };

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
  if (message.type === "text") return renderText(message.text, []);
  if (message.type === "image") return renderImage(message.url, message.caption ?? "");
  const choices = message.type === "buttons" ? message.buttons : message.replies;
  return renderChoices(message.text, choices, listLabel);
}

function renderText(text: string, lines: readonly string[]): Part {
  const body = joinLines(text, lines, whatsappLimits.textLengthMax);
  if (body.trim() === "") throw new AppError(channelErrors.unsendable, { note: "nothing to show" });
  return { type: "text", text: { body } };
}

function renderImage(url: string, caption: string): Part {
  const link = findWebLink(url);
  if (link === undefined) return renderText(caption, []);
  const words = toFittingText(caption, whatsappLimits.captionLengthMax);
  return { type: "image", image: { link, ...(words.trim() === "" ? {} : { caption: words }) } };
}

function renderChoices(text: string, wanted: readonly WantedChoice[], listLabel: string): Part {
  const asButtons = sortChoices(wanted, buttonLimits);
  const asRows = sortChoices(wanted, rowLimits);
  const { shown, links, lines } = asButtons;
  if (shown.length === 0 && asRows.shown.length === 0) {
    const [link] = links;
    const isSingleLink = link !== undefined && links.length === 1 && lines.length === 0;
    return isSingleLink ? renderLinkButton(text, link) : renderText(text, toLines(asButtons));
  }
  // A list holds more choices and four times the text, but takes two taps: only where buttons would lose something.
  const body = joinLines(text, toLines(asButtons), whatsappLimits.listBodyLengthMax);
  const isLongBody = body.length > whatsappLimits.buttonBodyLengthMax && asRows.shown.length === shown.length;
  const isList = asRows.shown.length > shown.length || isLongBody;
  return isList ? renderList(text, asRows, listLabel) : renderButtons(text, asButtons);
}

function renderLinkButton(text: string, link: { readonly title: string; readonly url: string }): Part {
  const action = {
    name: "cta_url",
    parameters: { display_text: toFittingText(link.title, buttonLimits.titleLengthMax), url: link.url },
  };
  const body = { text: toBody(text, [], whatsappLimits.buttonBodyLengthMax) };
  return { type: "interactive", interactive: { type: "cta_url", body, action } };
}

function renderButtons(text: string, choices: SortedChoices): Part {
  const body = { text: toBody(text, toLines(choices), whatsappLimits.buttonBodyLengthMax) };
  const buttons = choices.shown.map(({ id, title }) => ({ type: "reply", reply: { id, title } }));
  return { type: "interactive", interactive: { type: "button", body, action: { buttons } } };
}

function renderList(text: string, choices: SortedChoices, label: string): Part {
  const body = { text: toBody(text, toLines(choices), whatsappLimits.listBodyLengthMax) };
  const rows = choices.shown.map(({ id, title, fullTitle }) => {
    const description = toFittingText(fullTitle, whatsappLimits.rowDescriptionLengthMax);
    return { id, title, ...(title === fullTitle ? {} : { description }) };
  });
  const button = toFittingText(label, whatsappLimits.listLabelLengthMax);
  return { type: "interactive", interactive: { type: "list", body, action: { button, sections: [{ rows }] } } };
}

function toLines(choices: SortedChoices): readonly string[] {
  const links = choices.links.map(({ title, url }) => (title === url ? url : `${title}: ${url}`));
  return [...choices.lines, ...links];
}

/** A body must not be empty; three dots say as little as the builder did. */
function toBody(text: string, lines: readonly string[], lengthMax: number): string {
  const body = joinLines(text, lines, lengthMax);
  return body.trim() === "" ? "…" : body;
}

/** `text` and then whole `lines`: the text is cut before a line is, and a line that cannot fit is left out, never cut. */
function joinLines(text: string, lines: readonly string[], lengthMax: number): string {
  const kept: string[] = [];
  const textLengthMin = Math.min(text.length, Math.floor(lengthMax / 4));
  let room = lengthMax - textLengthMin;
  for (const line of lines) {
    if (line.length + 1 > room) continue;
    kept.push(line);
    room -= line.length + 1;
  }
  const tail = kept.length === 0 ? "" : `\n${kept.join("\n")}`;
  return `${toFittingText(text, lengthMax - tail.length)}${tail}`.trim();
}
