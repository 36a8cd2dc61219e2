// Optimistic concurrency (RFC 9110 8.8.3 and 13.1): whoever read a thing gets its tag, and can ask that a change happen
// only if the thing is still what they read. The tag is a hash of what was answered, so no row needs a version, and the
// check reads the thing anew with the operation that answers GET at the same address, in the transaction of the change.

import { AppError } from "../../kernel/errors.ts";
import type { Operation } from "../../kernel/operation.ts";
import { sha256 } from "../../platform/crypto/hmac.ts";
import { apiErrors } from "../errors.ts";
import { lockThing } from "./store.ts";

/** The tag of an answer. */
export function toEntityTag(body: unknown): string {
  return `"${sha256(JSON.stringify(body)).toString("base64url").slice(0, 22)}"`;
}

const headerPattern = /^(?:\*|(?:W\/)?"[\x21\x23-\x7e]{0,64}"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]{0,64}"){0,9})$/;

/** The tags of an If-Match or If-None-Match header; undefined without one. Throws `api.invalid_entity_tag`. */
export function parseEntityTags(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return undefined;
  if (!headerPattern.test(header)) throw new AppError(apiErrors.invalidEntityTag);
  return header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
}

/** Answers whether a tag is among those of a header; `*` is any. */
export function matchesTag(tags: readonly string[], tag: string): boolean {
  return tags.includes("*") || tags.includes(tag);
}

/** What a change is conditional on. */
export interface Condition {
  readonly tags: readonly string[];
  /** Answers GET at the address that is changed. */
  readonly reader: Operation;
}

/** The condition of a request. Throws `api.condition_unsupported` where nothing answers GET at its address. */
export function findCondition(
  operation: Operation,
  header: string | undefined,
  operations: readonly Operation[],
): Condition | undefined {
  const tags = parseEntityTags(header);
  if (tags === undefined) return undefined;
  const reader = operations.find((other) => other.method === "GET" && other.path === operation.path);
  const isChange = ["PUT", "PATCH", "DELETE"].includes(operation.method);
  if (reader === undefined || !isChange || reader.scope !== operation.scope) {
    throw new AppError(apiErrors.conditionUnsupported);
  }
  return { tags, reader };
}

interface Change {
  readonly operation: Operation;
  readonly input: object;
  readonly condition: Condition;
}

/**
 * Throws `api.changed_meanwhile` unless the thing is what the caller read. Conditional changes of one thing take turns, so
 * of two that read the same one is refused.
 */
export async function assertUnchanged(
  change: Change,
  context: { readonly tx: unknown; readonly input: object },
  view: (reader: Operation, value: unknown) => unknown,
): Promise<void> {
  const { reader, tags } = change.condition;
  const names = Object.keys(reader.params?.shape ?? {});
  const input = Object.fromEntries(names.map((name) => [name, Reflect.get(change.input, name)]));
  const path = reader.path.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) => String(Reflect.get(input, name)));
  await lockThing(context.tx as Parameters<typeof lockThing>[0], path);
  const current = await reader.run({ ...context, input } as unknown as Parameters<Operation["run"]>[0]);
  if (!matchesTag(tags, toEntityTag(view(reader, current)))) throw new AppError(apiErrors.changedMeanwhile);
}
