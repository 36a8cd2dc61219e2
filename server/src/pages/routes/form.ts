// Reads what a form posts: `application/x-www-form-urlencoded`, bounded, every field once, all of them text.

import type { FastifyInstance } from "fastify";
import { AppError } from "../../kernel/errors.ts";
import { httpErrors } from "../../platform/http/index.ts";

export type FormFields = Readonly<Record<string, string>>;

const bodyBytesMax = 64 * 1024;
const fieldsMax = 40;
const urlencoded = /^application\/x-www-form-urlencoded\s*(?:;\s*charset=utf-8\s*)?$/i;

function parseForm(body: string): FormFields {
  const fields = [...new URLSearchParams(body)];
  const names = new Set(fields.map(([name]) => name));
  if (fields.length > fieldsMax || names.size !== fields.length || names.has("__proto__")) {
    const mistakes = [{ path: "", message: "The form has too many fields, or one of them twice." }];
    throw new AppError(httpErrors.malformedBody, { mistakes });
  }
  return Object.fromEntries(fields);
}

/** Makes the scope take forms, and nothing else: another type is answered 415. */
export function acceptForms(scope: FastifyInstance): void {
  const type = "application/x-www-form-urlencoded";
  scope.addContentTypeParser<string>(type, { parseAs: "string", bodyLimit: bodyBytesMax }, (request, body, done) => {
    try {
      if (!urlencoded.test(request.headers["content-type"] ?? "")) throw new AppError(httpErrors.unsupportedMediaType);
      done(null, parseForm(body));
    } catch (error) {
      done(error as Error);
    }
  });
}
