// Choices: reply buttons, lists and link buttons. What cannot be tapped is written out as lines of text.
// Shapes: developers.facebook.com, "Interactive reply buttons messages", "Interactive list messages" and "Interactive
// call-to-action URL button messages".

import type { OutgoingButton, OutgoingCard, OutgoingMessage } from "@parley/engine";
import { toFittingText } from "../bounds.ts";
import {
  buttonLimits,
  rowLimits,
  type ShownChoice,
  type SortedChoices,
  sortChoices,
  type WantedChoice,
} from "./choices.ts";
import { joinLines, type Part, renderText, toBody, whatsappLimits } from "./render-text.ts";

/** Buttons or quick replies: up to 3 as buttons, up to 10 as a list, a single link as a link button. */
export function renderChoices(text: string, wanted: readonly WantedChoice[], listLabel: string): Part {
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

/** A list: its first ten rows under their headings, the others written out. Without a row, its text. */
export function renderSections(message: Extract<OutgoingMessage, { type: "list" }>, listLabel: string): Part {
  const wanted = message.sections.flatMap((section) => section.rows.map((row) => ({ ...row, section })));
  return renderRows(message.text, wanted, toLabel(message.button, listLabel));
}

/**
 * A carousel, which one request cannot carry: titles and texts of the cards, links as lines, and the other buttons as a
 * list with a section a card. Pictures are left out.
 */
export function renderCards(message: Extract<OutgoingMessage, { type: "carousel" }>, listLabel: string): Part {
  const told = message.cards.map(({ title, text }) => [title, text ?? ""].filter((line) => line.trim() !== ""));
  const text = told
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
  const wanted = message.cards.flatMap((card) => card.buttons.map((button) => toCardChoice(card, button)));
  return renderRows(text, wanted, listLabel);
}

/** A row stands under its card's title; a link, which stands elsewhere, begins with it. */
function toCardChoice(card: OutgoingCard, button: OutgoingButton): WantedChoice {
  if ("payload" in button) return { ...button, section: card };
  const title = [card.title, button.title].filter((part) => part.trim() !== "").join(" – ");
  return { title, url: button.url };
}

function renderRows(text: string, wanted: readonly WantedChoice[], listLabel: string): Part {
  const choices = sortChoices(wanted, rowLimits);
  return choices.shown.length === 0 ? renderText(text, toLines(choices)) : renderList(text, choices, listLabel);
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
  const button = toFittingText(label, whatsappLimits.listLabelLengthMax);
  const action = { button, sections: toSections(choices.shown, label) };
  return { type: "interactive", interactive: { type: "list", body, action } };
}

/** Rows under their headings. Several sections must each have a title: one without is called as the list's button is. */
function toSections(shown: readonly ShownChoice[], label: string): readonly object[] {
  const groups = new Map<WantedChoice["section"], ShownChoice[]>();
  for (const choice of shown) {
    const group = groups.get(choice.wanted.section);
    if (group === undefined) groups.set(choice.wanted.section, [choice]);
    else group.push(choice);
  }
  return [...groups].map(([section, rows]) => {
    const title = toLabel(section?.title ?? "", groups.size > 1 ? label : "");
    const heading = toFittingText(title, whatsappLimits.sectionTitleLengthMax).trim();
    return { ...(heading === "" ? {} : { title: heading }), rows: rows.map(toRow) };
  });
}

/** A title that was cut stands whole at the beginning of the description. */
function toRow({ id, title, fullTitle, wanted }: ShownChoice): object {
  const parts = [title === fullTitle ? "" : fullTitle, wanted.description ?? ""].filter((part) => part.trim() !== "");
  const description = toFittingText(parts.join(": "), whatsappLimits.rowDescriptionLengthMax);
  return { id, title, ...(description.trim() === "" ? {} : { description }) };
}

/** `text` when it shows something, else `fallback`. */
function toLabel(text: string, fallback: string): string {
  const label = toFittingText(text, whatsappLimits.textLengthMax).trim();
  return label === "" ? fallback : label;
}

function toLines(choices: SortedChoices): readonly string[] {
  const links = choices.links.map(({ title, url }) => (title === url ? url : `${title}: ${url}`));
  return [...choices.lines, ...links];
}
