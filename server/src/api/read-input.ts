// From a request to the typed input of an operation. Every mistake of path, query and body is listed at once.

import type { z } from "zod";
import { AppError, type FieldMistake } from "../kernel/errors.ts";
import type { Operation } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";

export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const mistakesMax = 100;
const namesMax = 200;

/** `["nodes", 2, "name"]` as `nodes[2].name`, cut to a length that can be shown. */
function toFieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text.length > namesMax ? `${text.slice(0, namesMax)}...` : text;
}

function listIssueMistakes(issue: z.core.$ZodIssue): FieldMistake[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: toFieldPath([...issue.path, key]), message: "is not a known field" }));
  }
  return [{ path: toFieldPath(issue.path), message: issue.message }];
}

/** The names of a part that is not declared; the part itself, by an empty name, when it is no object. */
function listNames(given: unknown): string[] {
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  return isObject ? Object.keys(given) : [""];
}

/** Parses one part; a part that is not declared must be absent or empty. */
function readPart(schema: z.ZodType<object> | undefined, value: unknown, mistakes: FieldMistake[]): object {
  const given = value === undefined ? {} : value;
  if (schema === undefined) {
    mistakes.push(...listNames(given).map((name) => ({ path: toFieldPath([name]), message: "is not a known field" })));
    return {};
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  mistakes.push(...result.error.issues.flatMap(listIssueMistakes));
  return {};
}

/** The input of an operation. Throws `api.invalid_request` with every mistake, up to a hundred. */
export function readInput(operation: Operation, parts: RequestParts): object {
  const mistakes: FieldMistake[] = [];
  const body = readPart(operation.body, parts.body, mistakes);
  const query = readPart(operation.query, parts.query, mistakes);
  const params = readPart(operation.params, parts.params, mistakes);
  if (mistakes.length > 0) throw new AppError(apiErrors.invalidRequest, { mistakes: mistakes.slice(0, mistakesMax) });
  // SECURITY: field names are distinct by declaration; should they ever not be, the address wins over the body.
  return { ...body, ...query, ...params };
}

const tokenNames = new Set(["accesstoken", "access_token", "token", "authorization", "api_key", "apikey"]);

/** SECURITY: a token in an address is refused before anything else, so that nobody comes to rely on it. */
export function assertNoTokenInAddress(query: unknown): void {
  const name = Object.keys(query ?? {}).find((key) => tokenNames.has(key.toLowerCase()));
  if (name === undefined) return;
  throw new AppError(apiErrors.tokenInAddress, {
    mistakes: [{ path: name, message: "is not taken from the address" }],
  });
}
