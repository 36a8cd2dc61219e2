// The first look at a tree from outside, before any schema: it must be JSON of bounded size and depth without
// the keys that reach a prototype. What comes out is a copy, so a getter or a proxy in the input is read once.

import { isForbiddenKey } from "../json.ts";
import { limits } from "../limits.ts";
import type { JsonValue } from "../types.ts";
import { formatPath, type Mistake } from "./mistakes.ts";

interface Walk {
  readonly mistakes: Mistake[];
  valuesLeft: number;
  textLeft: number;
}

/** A plain copy of the input, with every forbidden key and every value JSON cannot carry as a mistake. */
export function copyForeignJson(input: unknown): { json: JsonValue; mistakes: Mistake[]; isTooLarge: boolean } {
  const walk: Walk = { mistakes: [], valuesLeft: limits.treeValues, textLeft: limits.treeTextLength };
  const json = copy(input, [], walk);
  const isTooLarge = isSpent(walk);
  if (isTooLarge) walk.mistakes.push({ path: "", message: "The tree is too large." });
  return { json, mistakes: walk.mistakes, isTooLarge };
}

function isSpent(walk: Walk): boolean {
  return walk.valuesLeft < 0 || walk.textLeft < 0;
}

function copy(value: unknown, path: readonly PropertyKey[], walk: Walk): JsonValue {
  walk.valuesLeft -= 1;
  if (typeof value === "string") walk.textLeft -= value.length;
  if (isSpent(walk)) return null;
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object") return refuse(path, "Not a JSON value.", walk);
  if (path.length > limits.treeJsonDepth) return refuse(path, "Nested too deeply.", walk);
  if (Array.isArray(value)) return value.map((item: unknown, index) => copy(item, [...path, index], walk));
  return copyObject(value, path, walk);
}

function copyObject(value: object, path: readonly PropertyKey[], walk: Walk): JsonValue {
  const result: { [key: string]: JsonValue } = {};
  for (const key of Object.keys(value)) {
    walk.textLeft -= key.length;
    if (isForbiddenKey(key)) refuse([...path, key], "This name is not allowed.", walk);
    else result[key] = copy((value as { [key: string]: unknown })[key], [...path, key], walk);
  }
  return result;
}

function refuse(path: readonly PropertyKey[], message: string, walk: Walk): null {
  if (walk.mistakes.length < limits.mistakes) walk.mistakes.push({ path: formatPath(path), message });
  return null;
}
