// Values of the query string. They arrive as text, and only one spelling of a value is accepted: `Infinity`, `1e309`,
// `0x10`, ` 5` and `05` are mistakes, not numbers.

import { z } from "zod";

const canonicalInteger = /^(?:0|-?[1-9][0-9]{0,15})$/;

/** A whole number between `minimum` and `maximum`, written in plain decimal digits. */
export function queryInteger(minimum: number, maximum: number): z.ZodType<number, string> {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string({ error })
    .regex(canonicalInteger, { error })
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, { error })
    .meta({ wire: { type: "integer", minimum, maximum } });
}

/** `true` or `false`, in these letters. */
export function queryBoolean(): z.ZodType<boolean, string> {
  return z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((text) => text === "true")
    .meta({ wire: { type: "boolean" } });
}
