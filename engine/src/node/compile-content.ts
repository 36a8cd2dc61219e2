// What each kind of response says, as functions of the run. What cannot be shown after rendering is left out, and when
// nothing is left the response says why; an address or payload that may not be sent ends the event with an error.

import { limits } from "../limits.ts";
import type { Run } from "../run/run.ts";
import { degreesMax, findDegrees } from "../tree/coordinates.ts";
import { toFileName } from "../tree/file-name.ts";
import type { CardDefinition, ResponseDefinition, SectionDefinition } from "../tree/response-schema.ts";
import type { OutgoingCard, OutgoingMessage, OutgoingSection } from "../types.ts";
import { compileTemplate, renderTemplate } from "./compile-action.ts";
import {
  compileButton,
  compileMediaUrl,
  compileOptionalText,
  compileReply,
  compileText,
  type Rendered,
  renderTitled,
  withoutBlank,
} from "./compile-parts.ts";

/** What a response comes to: a message, or why there is none. */
export type Said = { readonly message: OutgoingMessage } | { readonly skipped: string };

/** One content of a response. Throws EngineFault. */
export type Content = (run: Run) => Said;

type Of<Type extends ResponseDefinition["type"]> = Extract<ResponseDefinition, { type: Type }>;

/** Compiles the content of a response, without its variations and locales. */
export function compileContent(content: ResponseDefinition): Content {
  switch (content.type) {
    case "text":
      return compileTexted(content.text, (text) => ({ type: "text", text }));
    case "image":
    case "video":
    case "audio":
    case "file":
      return compileMedia(content);
    case "location":
      return compileLocation(content);
    case "buttons": {
      const buttons = content.buttons.map(compileButton);
      return compileTexted(content.text, (text, run) => withButtons(text, renderTitled(buttons, run)));
    }
    case "quickReplies": {
      const replies = content.replies.map(compileReply);
      return compileTexted(content.text, (text, run) => withReplies(text, renderTitled(replies, run)));
    }
    case "list":
      return compileList(content);
    case "carousel":
      return compileCarousel(content);
  }
}

function compileTexted(source: string, build: (text: string, run: Run) => OutgoingMessage): Content {
  const text = compileText(source, limits.textLength);
  return (run) => {
    const rendered = text(run);
    return rendered.trim() === "" ? { skipped: "the text is empty" } : { message: build(rendered, run) };
  };
}

function withButtons(text: string, buttons: Extract<OutgoingMessage, { type: "buttons" }>["buttons"]): OutgoingMessage {
  return buttons.length === 0 ? { type: "text", text } : { type: "buttons", text, buttons };
}

function withReplies(text: string, replies: { title: string; payload: string }[]): OutgoingMessage {
  return replies.length === 0 ? { type: "text", text } : { type: "quickReplies", text, replies };
}

function compileMedia(content: Of<"image"> | Of<"audio"> | Of<"video"> | Of<"file">): Content {
  const { type } = content;
  const url = compileMediaUrl(content.url);
  const caption = compileOptionalText("caption" in content ? content.caption : undefined, limits.textLength);
  const name = compileOptionalText("name" in content ? content.name : undefined, limits.fileNameLength);
  return (run) => {
    const words = withoutBlank({ name: toFileName(name(run)), caption: caption(run) });
    return { message: { type, url: url(run), ...words } };
  };
}

function compileLocation({ latitude, longitude, name, address }: Of<"location">): Content {
  const north = compileDegrees(latitude, degreesMax.latitude);
  const east = compileDegrees(longitude, degreesMax.longitude);
  const placeName = compileOptionalText(name, limits.placeLength);
  const placeAddress = compileOptionalText(address, limits.placeLength);
  return (run) => {
    const place = { latitude: north(run), longitude: east(run) };
    if (place.latitude === undefined) return { skipped: "the latitude is no number from -90 to 90" };
    if (place.longitude === undefined) return { skipped: "the longitude is no number from -180 to 180" };
    const words = withoutBlank({ name: placeName(run), address: placeAddress(run) });
    return { message: { type: "location", latitude: place.latitude, longitude: place.longitude, ...words } };
  };
}

function compileDegrees(source: number | string, max: number): Rendered<number | undefined> {
  // Adding 0 makes the negative zero, which JSON does not keep, a plain one.
  if (typeof source === "number") return () => source + 0;
  const template = compileTemplate(source);
  return (run) => findDegrees(renderTemplate(template, run), max);
}

function compileList({ text, button, sections }: Of<"list">): Content {
  const label = compileText(button, limits.titleLength);
  const compiled = sections.map(compileSection);
  return compileTexted(text, (rendered, run) => {
    const shown = compiled.map((section) => section(run)).filter(({ rows }) => rows.length > 0);
    const title = label(run);
    if (shown.length === 0 || title.trim() === "") return { type: "text", text: rendered };
    return { type: "list", text: rendered, button: title, sections: shown };
  });
}

function compileSection(section: SectionDefinition): Rendered<OutgoingSection> {
  const title = compileOptionalText(section.title, limits.titleLength);
  const rows = section.rows.map((row) => {
    const reply = compileReply(row);
    const description = compileOptionalText(row.description, limits.rowDescriptionLength);
    return (run: Run) => ({ ...reply(run), ...withoutBlank({ description: description(run) }) });
  });
  return (run) => ({ ...withoutBlank({ title: title(run) }), rows: renderTitled(rows, run) });
}

function compileCarousel({ cards }: Of<"carousel">): Content {
  const compiled = cards.map(compileCard);
  return (run) => {
    const shown = renderTitled(compiled, run);
    return shown.length === 0 ? { skipped: "no card has a title" } : { message: { type: "carousel", cards: shown } };
  };
}

function compileCard(card: CardDefinition): Rendered<OutgoingCard> {
  const title = compileText(card.title, limits.titleLength);
  const text = compileOptionalText(card.text, limits.cardTextLength);
  const imageUrl = card.imageUrl === undefined ? undefined : compileMediaUrl(card.imageUrl);
  const buttons = (card.buttons ?? []).map(compileButton);
  return (run) => ({
    title: title(run),
    ...withoutBlank({ text: text(run) }),
    ...(imageUrl === undefined ? {} : { imageUrl: imageUrl(run) }),
    buttons: renderTitled(buttons, run),
  });
}
