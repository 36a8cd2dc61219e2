// What one part of a tree says of another: ids are unique, every named node exists, a transformer is silent.
// Works on input whose shape may be wrong, so that these mistakes are reported together with the others.

import type { JsonValue } from "../types.ts";
import { formatPath, type Mistake } from "./mistakes.ts";

type JsonObject = { [key: string]: JsonValue };

/** Priority at or below which a node runs beside the conversation. */
export const mutePriority = -10;

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The mistakes between the parts of a tree. */
export function crossCheck(tree: JsonValue): Mistake[] {
  if (!isObject(tree)) return [];
  const nodes = listOf(tree["nodes"]);
  const ids = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const [index, node] of nodes.entries()) {
    const id = isObject(node) ? node["compositeId"] : undefined;
    if (typeof id !== "string") continue;
    if (ids.has(id)) mistakes.push(at(["nodes", index, "compositeId"], `Another node has the id "${id}".`));
    ids.add(id);
  }
  const target = (id: JsonValue | undefined, path: PropertyKey[]): Mistake[] =>
    typeof id !== "string" || ids.has(id) ? [] : [at(path, `There is no node "${id.slice(0, 64)}" in this tree.`)];
  mistakes.push(...target(tree["headNode"], ["headNode"]), ...target(tree["fallbackNode"], ["fallbackNode"]));
  for (const [index, node] of nodes.entries()) {
    if (isObject(node)) mistakes.push(...checkNode(node, ["nodes", index], target));
  }
  return mistakes;
}

function checkNode(
  node: JsonObject,
  path: readonly PropertyKey[],
  target: (id: JsonValue | undefined, path: PropertyKey[]) => Mistake[],
): Mistake[] {
  const { children, redirect, responses, kind, priority } = node;
  const mistakes = listOf(children).flatMap((id, index) => target(id, [...path, "children", index]));
  if (isObject(redirect) && redirect["treeId"] === undefined) {
    mistakes.push(...target(redirect["compositeId"], [...path, "redirect", "compositeId"]));
  }
  const isTransformer = kind === "transformer" || kind === "globalTransformer";
  if (isTransformer && listOf(responses).length > 0) {
    mistakes.push(at([...path, "responses"], "A transformer sends nothing; use a general or global node."));
  }
  if (typeof priority === "number" && priority <= mutePriority && redirect !== undefined) {
    mistakes.push(at([...path, "redirect"], "A mute node (priority -10 or lower) cannot redirect."));
  }
  return mistakes;
}

function at(path: readonly PropertyKey[], message: string): Mistake {
  return { path: formatPath(path), message };
}
