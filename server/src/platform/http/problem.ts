// Every failure becomes `application/problem+json` (RFC 9457). An `AppError` shows its public sentence; anything else is
// our bug and shows nothing but the request id.

import { STATUS_CODES } from "node:http";
import { AppError, type ErrorDefinition, type FieldMistake, kernelErrors } from "../../kernel/errors.ts";
import { httpErrors } from "./errors.ts";

export const problemMediaType = "application/problem+json";

/** Further members of a problem body, such as `{ ok: 0 }`. They cannot replace a standard one. */
export type ProblemFields = Readonly<Record<string, string | number | boolean>>;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldMistake[];
  readonly requestId: string;
}

/** Fastify's own refusals, by its code. */
const refusals: Readonly<Record<string, ErrorDefinition>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: httpErrors.tooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: httpErrors.unsupportedMediaType,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: httpErrors.malformedRequest,
  FST_ERR_BAD_URL: httpErrors.malformedRequest,
  FST_ERR_MAX_PARAM_LENGTH: httpErrors.addressTooLong,
  FST_ERR_NOT_FOUND: httpErrors.notFound,
};

/** The product's error for whatever was thrown: itself, a refusal of HTTP, or `kernel.bug`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  // A body that breaks off is the caller's doing.
  const refusal = code === "ECONNRESET" ? httpErrors.malformedRequest : refusals[code];
  return new AppError(refusal ?? kernelErrors.bug, { cause: error });
}

/** The problem body of an error. Holds nothing but its public parts. */
export function toProblem(error: AppError, requestId: string, fields: ProblemFields = {}): Problem {
  return {
    ...fields,
    ...error.members,
    type: `urn:parley:error:${error.code}`,
    title: STATUS_CODES[error.status] ?? "Error",
    status: error.status,
    code: error.code,
    detail: error.detail,
    ...(error.mistakes.length > 0 && { errors: error.mistakes }),
    requestId,
  };
}

/** The headers that belong to an error: when to come back (RFC 9110 10.2.3) and how to sign in (11.6.1). */
export function listProblemHeaders(error: AppError): [string, string][] {
  const headers: [string, string][] = [];
  if (error.retryAfterSeconds !== undefined) headers.push(["retry-after", String(Math.ceil(error.retryAfterSeconds))]);
  if (error.status === 401) headers.push(["www-authenticate", 'Bearer realm="parley"']);
  return headers;
}
