// What makes a node fire. A node's groups must all hold; inside a group one trigger is enough.

import { z } from "zod";
import { limits } from "../limits.ts";
import { compileRegex } from "../regex.ts";
import { expressionText, plainText } from "./strings.ts";

const regexTrigger = z
  .strictObject({
    type: z.literal("regex"),
    pattern: z.string().min(1).max(limits.regexLength),
    caseInsensitive: z.boolean().exactOptional(),
  })
  .superRefine(({ pattern, caseInsensitive }, context) => {
    const compiled = compileRegex(pattern, { caseInsensitive: caseInsensitive ?? false });
    if (!compiled.ok) context.addIssue({ code: "custom", path: ["pattern"], message: compiled.message });
  });

const triggerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("keywords"),
    keywords: z.array(plainText(limits.keywordLength)).min(1).max(limits.keywordsPerTrigger),
    caseSensitive: z.boolean().exactOptional(),
    wordBoundary: z.boolean().exactOptional(),
    equals: z.boolean().exactOptional(),
  }),
  z.strictObject({
    type: z.literal("payload"),
    payloads: z.array(plainText(limits.payloadLength)).min(1).max(limits.payloadsPerTrigger),
  }),
  z.strictObject({
    type: z.literal("any"),
    of: z.array(z.enum(["text", "image", "audio", "video", "file", "location", "anything"])).min(1).max(7),
  }),
  regexTrigger,
  z.strictObject({
    type: z.literal("event"),
    eventTypes: z.array(plainText(limits.eventTypeLength)).min(1).max(limits.payloadsPerTrigger),
  }),
  z.strictObject({ type: z.literal("condition"), expression: expressionText("bool") }),
]);

/** Alternatives, one of which must hold. */
export const triggerGroupSchema = z.strictObject({
  any: z.array(triggerSchema).min(1).max(limits.triggersPerGroup),
});

/** One trigger. */
export type TriggerDefinition = z.output<typeof triggerSchema>;
/** Alternatives, one of which must hold. */
export type TriggerGroup = z.output<typeof triggerGroupSchema>;
