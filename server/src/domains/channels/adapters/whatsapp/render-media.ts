// Pictures, recordings, films, files and places. WhatsApp fetches media by a link; what has no public address (a file of
// the app, an address that may not go out) is told in words, and where there are none it cannot be sent.
// Shapes: developers.facebook.com, "Image", "Audio", "Video", "Document" and "Location messages".

import { type OutgoingMessage, toFileName } from "@parley/engine";
import { toFittingText } from "../bounds.ts";
import { findWebLink } from "../links.ts";
import { type Part, renderText, whatsappLimits } from "./render-text.ts";

type Media = Extract<OutgoingMessage, { type: "image" | "audio" | "video" | "file" }>;

/** An image, audio, video or document by its link. Throws `channels.unsendable` without a link and words. */
export function renderMedia(message: Media): Part {
  const link = findWebLink(message.url);
  const caption = "caption" in message ? (message.caption ?? "") : "";
  const name = message.type === "file" ? toFileName(message.name ?? "") : "";
  if (link === undefined) return renderText([name, caption].filter((line) => line !== "").join("\n"), []);
  const words = toFilled("caption", toFittingText(caption, whatsappLimits.captionLengthMax));
  switch (message.type) {
    case "image":
      return { type: "image", image: { link, ...words } };
    case "video":
      return { type: "video", video: { link, ...words } };
    case "audio":
      return { type: "audio", audio: { link } };
    case "file":
      return { type: "document", document: { link, ...words, ...toFilled("filename", toShortName(name)) } };
  }
}

/** A place. Coordinates are decimal degrees to seven places, about a centimetre. */
export function renderLocation(message: Extract<OutgoingMessage, { type: "location" }>): Part {
  const { latitude, longitude, name = "", address = "" } = message;
  const location = {
    latitude: latitude.toFixed(7),
    longitude: longitude.toFixed(7),
    ...toFilled("name", toFittingText(name, whatsappLimits.placeLengthMax)),
    ...toFilled("address", toFittingText(address, whatsappLimits.placeLengthMax)),
  };
  return { type: "location", location };
}

/** WhatsApp knows the kind of a document by the end of its name, so a long name is cut before its extension. */
function toShortName(name: string): string {
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - extension.length);
  return toFittingText(stem, whatsappLimits.fileNameLengthMax - extension.length) + extension;
}

function toFilled(key: string, text: string): Readonly<Record<string, string>> {
  return text.trim() === "" ? {} : { [key]: text };
}
