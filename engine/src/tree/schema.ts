// The tree as JSON, version `parley.tree/1`. Strict: unknown keys are refused and every text and list is bounded.
// These schemas are the only definition; the exported types follow from them.

import { z } from "zod";
import { limits } from "../limits.ts";
import type { JsonValue } from "../types.ts";
import { responseSchema } from "./response-schema.ts";
import {
  compositeId,
  expressionText,
  localeTag,
  plainText,
  templateText,
  templateValue,
  variableName,
} from "./strings.ts";
import { triggerGroupSchema } from "./trigger-schema.ts";

/** A condition that decides whether an action, response or redirect takes part. */
const when = expressionText("bool").exactOptional();
const tag = plainText(limits.tagLength);
const tagList = z.array(tag).min(1).max(limits.tagsPerNode);

const expressionValue = z.strictObject({ expression: expressionText("any") });
const isExpressionValue = (value: object): boolean => "expression" in value && Object.keys(value).length === 1;
const jsonObject = z
  .record(z.string(), z.json())
  .refine((value) => !isExpressionValue(value), { error: "An expression must be a valid CEL text." });

const actionSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("setVariable"),
    name: variableName,
    value: z.unknown().superRefine((value, context) => {
      for (const issue of checkVariableValue(value)) context.addIssue({ code: "custom", ...issue });
    }) as unknown as z.ZodType<JsonValue>,
    when,
  }),
  z.strictObject({ type: z.literal("deleteVariable"), name: variableName, when }),
  z.strictObject({ type: z.literal("addTags"), tags: tagList, when }),
  z.strictObject({ type: z.literal("removeTags"), tags: tagList, when }),
  z.strictObject({ type: z.literal("setLocale"), locale: localeTag.nullable(), when }),
  z.strictObject({
    type: z.literal("startLiveChat"),
    reason: templateText(limits.reasonLength).exactOptional(),
    when,
  }),
  z.strictObject({ type: z.literal("endLiveChat"), when }),
]);

/** The mistakes of a variable's value: a template, an `{expression}`, or any other JSON. */
function checkVariableValue(value: unknown): { path: PropertyKey[]; message: string }[] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const schema =
    typeof value === "string"
      ? templateValue
      : isObject && isExpressionValue(value)
        ? expressionValue
        : isObject
          ? jsonObject
          : z.json();
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.map(({ path, message }) => ({ path, message }));
}

const redirectSchema = z.strictObject({
  treeId: plainText(limits.nameLength).exactOptional(),
  compositeId,
  runPreActions: z.boolean(),
  sendResponses: z.boolean(),
  runPostActions: z.boolean(),
  when,
});

const nodeSchema = z.strictObject({
  compositeId,
  name: plainText(limits.nameLength),
  kind: z.enum(["general", "global", "transformer", "globalTransformer"]),
  priority: z.int().min(-100).max(100).default(0),
  triggers: z.array(triggerGroupSchema).max(limits.triggerGroupsPerNode).default([]),
  preActions: z.array(actionSchema).max(limits.actionsPerList).default([]),
  responses: z.array(responseSchema).max(limits.responsesPerNode).default([]),
  postActions: z.array(actionSchema).max(limits.actionsPerList).default([]),
  redirect: redirectSchema.exactOptional(),
  tags: z.array(tag).max(limits.tagsPerNode).exactOptional(),
  analytics: z
    .strictObject({
      category: plainText(limits.nameLength),
      action: plainText(limits.nameLength),
      label: plainText(limits.nameLength).exactOptional(),
    })
    .exactOptional(),
  children: z.array(compositeId).max(limits.childrenPerNode).default([]),
});

/** The schema of a whole tree. Use `parseTree`, which also checks what one node says of another. */
export const treeSchema = z.strictObject({
  schema: z.literal("parley.tree/1"),
  name: plainText(limits.nameLength),
  description: z.string().max(limits.descriptionLength).exactOptional(),
  headNode: compositeId,
  fallbackNode: compositeId.exactOptional(),
  nodes: z.array(nodeSchema).min(1).max(limits.nodesPerTree),
});

/** A tree that passed `parseTree`. */
export type TreeDefinition = z.output<typeof treeSchema>;
/** One node of a tree. */
export type NodeDefinition = TreeDefinition["nodes"][number];
/** One action of a node. */
export type ActionDefinition = NodeDefinition["preActions"][number];
/** Where a node sends the conversation on to. */
export type RedirectDefinition = NonNullable<NodeDefinition["redirect"]>;
