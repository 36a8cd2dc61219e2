// A tree version made ready to run: every pattern, expression and template is compiled here, once, so that
// `step` only looks things up. The result is immutable and can be shared by any number of events.

import { EngineFault, toFault } from "../fault.ts";
import { mutePriority } from "../tree/cross-checks.ts";
import { formatPath } from "../tree/mistakes.ts";
import type { NodeDefinition, RedirectDefinition, TreeDefinition } from "../tree/schema.ts";
import { type CompiledTrigger, compileCondition, compileTriggers } from "../trigger/compile-trigger.ts";
import { type CompiledAction, compileAction } from "./compile-action.ts";
import { type CompiledResponse, compileResponse } from "./compile-response.ts";

/** A node ready to run. */
export interface CompiledNode {
  readonly treeId: string;
  readonly versionId: string;
  readonly compositeId: string;
  /** Its place in the tree's list, which decides ties. */
  readonly position: number;
  readonly priority: number;
  readonly isMute: boolean;
  readonly isGlobal: boolean;
  readonly hasTriggers: boolean;
  readonly matches: CompiledTrigger;
  readonly preActions: readonly CompiledAction[];
  readonly responses: readonly CompiledResponse[];
  readonly postActions: readonly CompiledAction[];
  readonly tags: readonly string[];
  readonly analytics: NodeDefinition["analytics"] | undefined;
  readonly redirect: CompiledRedirect | undefined;
  readonly children: readonly string[];
}

/** A redirect; a missing tree id has become the node's own. */
export interface CompiledRedirect extends Omit<RedirectDefinition, "when" | "treeId"> {
  readonly treeId: string;
  readonly condition: CompiledTrigger | undefined;
}

/** A tree version ready to run. */
export interface CompiledTree {
  readonly treeId: string;
  readonly versionId: string;
  readonly name: string;
  readonly nodes: ReadonlyMap<string, CompiledNode>;
  readonly headNode: CompiledNode;
  readonly fallbackNode: CompiledNode | undefined;
  readonly globals: readonly CompiledNode[];
}

/** Compiles a tree that passed `parseTree`. Throws EngineFault `engine.tree_not_valid` for one that did not. */
export function compileTree(tree: TreeDefinition, identity: { treeId: string; versionId: string }): CompiledTree {
  const nodes = new Map(
    tree.nodes.map((node, position): [string, CompiledNode] => [
      node.compositeId,
      compileNode(node, { ...identity, position }),
    ]),
  );
  const headNode = nodes.get(tree.headNode);
  if (headNode === undefined)
    throw new EngineFault("engine.tree_not_valid", "The head node does not exist.", "headNode");
  return {
    ...identity,
    name: tree.name,
    nodes,
    headNode,
    fallbackNode: tree.fallbackNode === undefined ? undefined : nodes.get(tree.fallbackNode),
    globals: [...nodes.values()].filter((node) => node.isGlobal),
  };
}

interface NodePlace {
  readonly treeId: string;
  readonly versionId: string;
  readonly position: number;
}

function compileNode(node: NodeDefinition, place: NodePlace): CompiledNode {
  const base = ["nodes", place.position];
  const list = <Item, Compiled>(name: string, items: readonly Item[], compile: (item: Item) => Compiled): Compiled[] =>
    items.map((item, index) => guard([...base, name, index], () => compile(item)));
  return {
    ...place,
    compositeId: node.compositeId,
    priority: node.priority,
    isMute: node.priority <= mutePriority,
    isGlobal: node.kind === "global" || node.kind === "globalTransformer",
    hasTriggers: node.triggers.length > 0,
    matches: guard([...base, "triggers"], () => compileTriggers(node.triggers)),
    preActions: list("preActions", node.preActions, compileAction),
    responses: list("responses", node.responses, compileResponse),
    postActions: list("postActions", node.postActions, compileAction),
    tags: node.tags ?? [],
    analytics: node.analytics,
    redirect: node.redirect && guard([...base, "redirect"], () => compileRedirect(node.redirect, place.treeId)),
    children: node.children,
  };
}

function compileRedirect(redirect: RedirectDefinition | undefined, ownTreeId: string): CompiledRedirect | undefined {
  if (redirect === undefined) return undefined;
  const { when, treeId = ownTreeId, ...target } = redirect;
  return { ...target, treeId, condition: when === undefined ? undefined : compileCondition(when) };
}

/** Gives a failure the path it happened at. */
function guard<Result>(path: readonly PropertyKey[], run: () => Result): Result {
  try {
    return run();
  } catch (thrown) {
    throw toFault(thrown, "engine.tree_not_valid").at(formatPath(path));
  }
}
