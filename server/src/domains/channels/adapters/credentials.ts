// Takes settings and secrets out of a channel with one clear error when they are missing or unusable.

import { AppError } from "../../../kernel/errors.ts";
import { channelErrors } from "../errors.ts";

interface Wanted {
  /** `settings` or `credentials`, for the path of the mistake. */
  readonly place: string;
  readonly name: string;
  readonly pattern: RegExp;
  /** What it must be, after the name: "must be ...". */
  readonly rule: string;
}

/** The value when it fits. Throws `channels.incomplete` naming the field; the value itself is never in the error. */
export function getField(values: Readonly<Record<string, string>>, wanted: Wanted): string {
  const value = Object.hasOwn(values, wanted.name) ? values[wanted.name] : undefined;
  if (typeof value === "string" && wanted.pattern.test(value)) return value;
  const message = value === undefined || value === "" ? "is missing" : wanted.rule;
  throw new AppError(channelErrors.incomplete, { mistakes: [{ path: `${wanted.place}.${wanted.name}`, message }] });
}

/** The value when it is non-empty text, otherwise undefined. */
export function findField(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
