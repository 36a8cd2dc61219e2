// Turns a failed shape check into the one error a platform, or the person who wrote the sender, can act on.

import type { z } from "zod";
import { AppError, type FieldMistake } from "../../../kernel/errors.ts";
import { channelErrors } from "../errors.ts";

const mistakesMax = 20;
const messageLengthMax = 200;

/**
 * `value` as `schema` reads it. Throws `channels.malformed_payload` with the path of each mistake (at most 20), below
 * `prefix`.
 */
export function assertShape<T>(schema: z.ZodType<T>, value: unknown, prefix: readonly PropertyKey[] = []): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const mistakes = result.error.issues.slice(0, mistakesMax).map((issue): FieldMistake => {
    const path = toPath([...prefix, ...issue.path]);
    return { path, message: issue.message.slice(0, messageLengthMax) };
  });
  throw new AppError(channelErrors.malformedPayload, { mistakes });
}

/** `entry[0].changes[1].field`; the body itself is `body`. */
export function toPath(parts: readonly PropertyKey[]): string {
  let path = "";
  for (const part of parts) {
    if (typeof part === "number") path += `[${part}]`;
    else path += path === "" ? String(part) : `.${String(part)}`;
  }
  return path === "" ? "body" : path;
}
