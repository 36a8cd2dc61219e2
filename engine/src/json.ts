// Copies of foreign JSON that are safe to look into: objects without a prototype, bounded in size and depth,
// well-formed strings, finite numbers. Every value that a tree, a template or an expression can reach, or that
// goes into the state, has passed through here.

import { EngineFault } from "./fault.ts";
import { limits } from "./limits.ts";
import type { JsonValue } from "./types.ts";

/** An object without prototype: a key never reaches anything inherited. */
export type SafeObject = { [key: string]: JsonValue };

// SECURITY: these keys never name data, in any depth, so no value can reach or change a prototype.
const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a key is one of the three that are refused everywhere. */
export function isForbiddenKey(key: string): boolean {
  return forbiddenKeys.has(key);
}

/** A string that JSON, UTF-8 and PostgreSQL all keep unchanged: no lone surrogates, no NUL. */
export function toSafeString(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "") : wellFormed;
}

/**
 * A deep copy as safe JSON. Forbidden keys and what JSON cannot carry are left out. Throws
 * `engine.value_too_large` beyond `limits.scopeValues` values or `limits.jsonDepth` levels.
 */
export function toSafeJson(value: unknown): JsonValue {
  return copy(value, 0, { left: limits.scopeValues });
}

/** A safe copy of an object's own entries; anything else gives an empty one. */
export function toSafeObject(value: unknown): SafeObject {
  const copied = typeof value === "object" && value !== null && !Array.isArray(value) ? toSafeJson(value) : null;
  return copied === null ? Object.create(null) : (copied as SafeObject);
}

function copy(value: unknown, depth: number, budget: { left: number }): JsonValue {
  budget.left -= 1;
  if (budget.left < 0 || depth > limits.jsonDepth) {
    throw new EngineFault("engine.value_too_large", "A value has too many parts or is nested too deeply.");
  }
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return toSafeString(value);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item, depth + 1, budget));
  if (typeof value !== "object") return null;
  return copyObject(value, depth, budget);
}

function copyObject(value: object, depth: number, budget: { left: number }): SafeObject {
  const result: SafeObject = Object.create(null);
  for (const rawKey of Object.keys(value)) {
    const item = (value as Readonly<Record<string, unknown>>)[rawKey];
    const key = toSafeString(rawKey);
    if (item === undefined || typeof item === "function" || isForbiddenKey(key)) continue;
    result[key] = copy(item, depth + 1, budget);
  }
  return result;
}

/** Whether the UTF-8 length of a text is at most a bound, without encoding it. */
export function isWithinBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true;
  if (text.length > bytesMax) return false;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes <= bytesMax;
}

/** At most `lengthMax` code units of a text, never ending in half a character. */
export function toBounded(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(lengthMax - 1)) ? lengthMax - 1 : lengthMax;
  return text.slice(0, end);
}
