// Copies what a platform said beyond the known fields into plain JSON of bounded size. The copy shares nothing with the
// input and holds no key that could reach a prototype, so it can be stored, logged and handed to the engine.

import type { Json } from "../types.ts";
import { toStorableText } from "./bounds.ts";

export const jsonBounds = { depthMax: 10, nodesMax: 2_000, charactersMax: 65_536, keyLengthMax: 128 } as const;

const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

interface Budget {
  nodes: number;
  characters: number;
}

/**
 * A copy of `value` as JSON within `jsonBounds`: what is deeper becomes null, what is longer is cut.
 * SECURITY: keys that name a prototype are left out. Total for every value JSON can hold.
 */
export function toBoundedJson(value: unknown): Json {
  return copy(value, 0, { nodes: jsonBounds.nodesMax, characters: jsonBounds.charactersMax });
}

function copy(value: unknown, depth: number, budget: Budget): Json {
  budget.nodes -= 1;
  if (typeof value === "string") return takeText(value, budget);
  if (typeof value === "boolean") return value;
  // Adding zero turns minus zero, which JSON cannot hold, into zero.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== "object" || value === null || depth >= jsonBounds.depthMax) return null;
  return Array.isArray(value) ? copyArray(value, depth, budget) : copyObject(value, depth, budget);
}

function takeText(value: string, budget: Budget): string {
  const text = toStorableText(value, Math.max(0, budget.characters));
  budget.characters -= text.length;
  return text;
}

function copyArray(values: readonly unknown[], depth: number, budget: Budget): Json[] {
  const result: Json[] = [];
  for (const value of values) {
    if (budget.nodes <= 0) break;
    result.push(copy(value, depth + 1, budget));
  }
  return result;
}

function copyObject(value: object, depth: number, budget: Budget): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const [name, child] of Object.entries(value)) {
    if (budget.nodes <= 0) break;
    const key = toStorableText(name, jsonBounds.keyLengthMax);
    if (forbiddenKeys.has(key)) continue;
    budget.characters -= key.length;
    result[key] = copy(child, depth + 1, budget);
  }
  return result;
}

/** What is wrong with `value` for `toBoundedJson` to keep all of it, in words; undefined when nothing is. */
export function findJsonExcess(value: unknown): string | undefined {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  let nodes = 0;
  let characters = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    nodes += 1;
    if (typeof next.value === "string") characters += next.value.length;
    if (nodes > jsonBounds.nodesMax || characters > jsonBounds.charactersMax) return "is too large";
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth >= jsonBounds.depthMax) return `is nested deeper than ${jsonBounds.depthMax} levels`;
    for (const [key, child] of Object.entries(next.value)) {
      if (forbiddenKeys.has(key)) return `must not hold the name ${key}`;
      if (!Array.isArray(next.value)) characters += key.length;
      waiting.push({ value: child, depth: next.depth + 1 });
    }
  }
  return undefined;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** `fields` without the entries that are undefined, so that absent stays absent in JSON. */
export function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** `fields` as a JSON object without its undefined entries; undefined when nothing is left. */
export function toJsonObject(fields: Record<string, Json | undefined>): Record<string, Json> | undefined {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** `value` when it is a JSON object, otherwise an empty one: for reading fields that may be missing. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : {};
}
