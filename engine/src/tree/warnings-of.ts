// What is allowed in a tree but probably not meant. Warnings never stop a tree from being published.

import type { Mistake } from "./mistakes.ts";
import { warningsOfResponses } from "./response-warnings.ts";
import type { NodeDefinition, TreeDefinition } from "./schema.ts";

/** Warnings about a tree that passed `parseTree`: nodes that can never run, dead ends, choices alike. */
export function warningsOf(tree: TreeDefinition): Mistake[] {
  const reachable = findReachable(tree);
  const warnings: Mistake[] = [];
  for (const [index, node] of tree.nodes.entries()) {
    const path = `nodes[${index}]`;
    if (!reachable.has(node.compositeId)) warnings.push({ path, message: "No other node leads here." });
    else if (needsTrigger(tree, node))
      warnings.push({ path: `${path}.triggers`, message: "Without a trigger this node never matches." });
    warnings.push(...warningsOfResponses(node.responses, ["nodes", index]));
  }
  if (tree.fallbackNode === undefined) {
    warnings.push({ path: "fallbackNode", message: "Without a fallback the bot is silent when nothing matches." });
  }
  return warnings;
}

function isGlobal(node: NodeDefinition): boolean {
  return node.kind === "global" || node.kind === "globalTransformer";
}

function findReachable(tree: TreeDefinition): ReadonlySet<string> {
  const byId = new Map(tree.nodes.map((node) => [node.compositeId, node]));
  const reached = new Set<string>();
  const waiting = [tree.headNode, ...tree.nodes.filter(isGlobal).map((node) => node.compositeId)];
  if (tree.fallbackNode !== undefined) waiting.push(tree.fallbackNode);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const node = byId.get(id);
    waiting.push(...(node?.children ?? []));
    if (node?.redirect !== undefined && node.redirect.treeId === undefined) waiting.push(node.redirect.compositeId);
  }
  return reached;
}

function needsTrigger(tree: TreeDefinition, node: NodeDefinition): boolean {
  if (node.triggers.length > 0 || node.compositeId === tree.headNode || node.compositeId === tree.fallbackNode)
    return false;
  const isRedirectTarget = tree.nodes.some(
    (other) => other.redirect?.treeId === undefined && other.redirect?.compositeId === node.compositeId,
  );
  return !isRedirectTarget;
}
