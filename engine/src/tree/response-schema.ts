// What a node says. Each response has its own content, and may have variations (the server draws which) and
// other content for a locale, which may again have variations.

import { z } from "zod";
import { limits } from "../limits.ts";
import { degreesMax } from "./coordinates.ts";
import { degreesTemplate, expressionText, localeTag, mediaTemplate, templateText, urlTemplate } from "./strings.ts";

const title = templateText(limits.templateLength);
const payload = templateText(limits.templateLength);
const text = templateText(limits.templateLength);

const buttonSchema = z.union([z.strictObject({ title, payload }), z.strictObject({ title, url: urlTemplate })]);

const replySchema = z.strictObject({ title, payload });
const rowSchema = z.strictObject({ title, description: text.exactOptional(), payload });
const sectionSchema = z.strictObject({
  title: title.exactOptional(),
  rows: z.array(rowSchema).min(1).max(limits.rowsPerSection),
});
const cardSchema = z.strictObject({
  title,
  text: text.exactOptional(),
  imageUrl: mediaTemplate.exactOptional(),
  buttons: z.array(buttonSchema).max(limits.buttonsPerCard).exactOptional(),
});

const contents = {
  text: { text },
  image: { url: mediaTemplate, caption: text.exactOptional() },
  audio: { url: mediaTemplate },
  video: { url: mediaTemplate, caption: text.exactOptional() },
  file: { url: mediaTemplate, name: text.exactOptional(), caption: text.exactOptional() },
  location: {
    latitude: degreesTemplate(degreesMax.latitude),
    longitude: degreesTemplate(degreesMax.longitude),
    name: text.exactOptional(),
    address: text.exactOptional(),
  },
  buttons: { text, buttons: z.array(buttonSchema).min(1).max(limits.buttonsPerResponse) },
  quickReplies: { text, replies: z.array(replySchema).min(1).max(limits.quickRepliesPerResponse) },
  list: { text, button: title, sections: z.array(sectionSchema).min(1).max(limits.sectionsPerList) },
  carousel: { cards: z.array(cardSchema).min(1).max(limits.cardsPerCarousel) },
};

function responseOf<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  const variations = z.array(z.strictObject(shape)).max(limits.variationsPerResponse).exactOptional();
  const locales = z
    .record(localeTag, z.strictObject({ ...shape, variations }))
    .refine((all) => Object.keys(all).length <= limits.localesPerResponse, { error: "Too many locales." })
    .exactOptional();
  return z.strictObject({
    type: z.literal(type),
    ...shape,
    variations,
    locales,
    when: expressionText("bool").exactOptional(),
  });
}

/** One response of a node. */
export const responseSchema = z.discriminatedUnion("type", [
  responseOf("text", contents.text),
  responseOf("image", contents.image),
  responseOf("audio", contents.audio),
  responseOf("video", contents.video),
  responseOf("file", contents.file),
  responseOf("location", contents.location),
  responseOf("buttons", contents.buttons),
  responseOf("quickReplies", contents.quickReplies),
  responseOf("list", contents.list),
  responseOf("carousel", contents.carousel),
]);

/** One response of a node. */
export type ResponseDefinition = z.output<typeof responseSchema>;
/** A button of a `buttons` response. */
export type ButtonDefinition = z.output<typeof buttonSchema>;
/** A section of a `list` response. */
export type SectionDefinition = z.output<typeof sectionSchema>;
/** A card of a `carousel` response. */
export type CardDefinition = z.output<typeof cardSchema>;
