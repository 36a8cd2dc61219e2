// What makes a node fire. A node's groups must all hold; inside a group one trigger is enough.

import { z } from "zod";
import { limits } from "../limits.ts";
import { compileRegex } from "../regex.ts";
import { expressionText, plainText } from "./strings.ts";

const pattern = z
  .string()
  .min(1)
  .max(limits.regexLength)
  .superRefine((source, context) => {
    const compiled = compileRegex(source, { caseInsensitive: false });
    const folded = compiled.ok ? compileRegex(source, { caseInsensitive: true }) : compiled;
    if (!folded.ok) context.addIssue({ code: "custom", message: folded.message });
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
    of: z
      .array(z.enum(["text", "image", "audio", "video", "file", "location", "anything"]))
      .min(1)
      .max(7),
  }),
  z.strictObject({ type: z.literal("regex"), pattern, caseInsensitive: z.boolean().exactOptional() }),
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
