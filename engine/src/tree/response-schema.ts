// What a node says. Each response has its own content, and may have variations (the server draws which) and
// other content for a locale, which may again have variations.

import { z } from "zod";
import { limits } from "../limits.ts";
import { expressionText, localeTag, templateText, urlTemplate } from "./strings.ts";

const title = templateText(limits.templateLength);
const payload = templateText(limits.templateLength);
const text = templateText(limits.templateLength);

const buttonSchema = z.union([z.strictObject({ title, payload }), z.strictObject({ title, url: urlTemplate })]);

const contents = {
  text: { text },
  image: { url: urlTemplate, caption: text.exactOptional() },
  buttons: { text, buttons: z.array(buttonSchema).min(1).max(limits.buttonsPerResponse) },
  quickReplies: {
    text,
    replies: z.array(z.strictObject({ title, payload })).min(1).max(limits.quickRepliesPerResponse),
  },
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
  responseOf("buttons", contents.buttons),
  responseOf("quickReplies", contents.quickReplies),
]);

/** One response of a node. */
export type ResponseDefinition = z.output<typeof responseSchema>;
/** A button of a `buttons` response. */
export type ButtonDefinition = z.output<typeof buttonSchema>;
