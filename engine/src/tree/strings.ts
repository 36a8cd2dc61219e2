// The kinds of text in a tree, each bounded, with what it is for checked where it stands: a template parses, an
// expression type-checks, a pattern compiles, a link is https.

import { z } from "zod";
import { type ExpectedType, parseExpression } from "../expression/parse-expression.ts";
import { isForbiddenKey } from "../json.ts";
import { limits } from "../limits.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { findDegrees } from "./coordinates.ts";
import { describeUrlProblem } from "./https-url.ts";
import { describeMediaProblem } from "./media-address.ts";

/** A text of at least one visible character. */
export const plainText = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .refine((text) => text.trim() !== "", { error: "Must not be empty." })
    .refine((text) => text.isWellFormed() && !text.includes("\0"), {
      error: "Contains characters that are not allowed.",
    });

/** The id of a node, unique in its tree. */
export const compositeId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: "Must be 1 to 64 letters, digits, - or _." })
  .refine((id) => !isForbiddenKey(id), { error: "This name is reserved." });

/** The name of a session variable. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, { error: "Must be 1 to 64 letters, digits or _, not starting with a digit." })
  .refine((name) => !isForbiddenKey(name), { error: "This name is reserved." });

/** A BCP 47 language tag such as `en`, `zh-Hant` or `pt-BR`. */
export const localeTag = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$/, { error: "Must be a language tag such as en or zh-Hant." });

/** A CEL expression of a type. */
export const expressionText = (expected: ExpectedType) =>
  z
    .string()
    .min(1)
    .max(limits.expressionLength)
    .superRefine((source, context) => {
      const parsed = parseExpression(source, expected);
      if (!parsed.ok) context.addIssue({ code: "custom", message: parsed.message });
    });

function checkTemplate(source: string, context: z.core.$RefinementCtx<string>): void {
  const parsed = parseTemplate(source);
  if (!parsed.ok) context.addIssue({ code: "custom", message: parsed.message });
}

/** A template whose rendered text may be up to `lengthMax` long. */
export const templateText = (lengthMax: number) => plainText(lengthMax).superRefine(checkTemplate);

/** A template that may be empty, for values. */
export const templateValue = z.string().max(limits.templateLength).superRefine(checkTemplate);

/** Checks a text that is no template by what it is for. */
const whenLiteral =
  (describe: (text: string) => string | undefined) =>
  (source: string, context: z.core.$RefinementCtx<string>): void => {
    if (source.includes("{{") || source.includes("{%")) return;
    const problem = describe(source);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  };

/** A template that renders to an https link; a literal one is checked at once. */
export const urlTemplate = plainText(limits.urlLength)
  .superRefine(checkTemplate)
  .superRefine(whenLiteral(describeUrlProblem));

/** A template that renders to an https address or to a file of the app, `file:fil_...`; a literal one is checked at once. */
export const mediaTemplate = plainText(limits.urlLength)
  .superRefine(checkTemplate)
  .superRefine(whenLiteral(describeMediaProblem));

/** Degrees from `-max` to `max`: a number, or a template that renders to one. */
export const degreesTemplate = (max: number) => {
  const wanted = `Must be a number from -${max} to ${max}, or a template of one.`;
  const written = templateText(limits.templateLength).superRefine(
    whenLiteral((text) => (findDegrees(text, max) === undefined ? wanted : undefined)),
  );
  return z.union([z.number({ error: wanted }).min(-max, { error: wanted }).max(max, { error: wanted }), written]);
};
