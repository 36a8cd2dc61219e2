// One node: pre-actions, responses, post-actions, tags and analytics, in this order, each with its own path so
// that a failure names the line in the tree.

import { toFault } from "../fault.ts";
import type { CompiledAction } from "../node/compile-action.ts";
import type { CompiledNode } from "../node/compile-tree.ts";
import type { Run } from "./run.ts";
import type { NodeTrace } from "./trace.ts";

/** Which parts of a node run. */
export interface NodeParts {
  readonly runPreActions: boolean;
  readonly sendResponses: boolean;
  readonly runPostActions: boolean;
}

const allParts: NodeParts = { runPreActions: true, sendResponses: true, runPostActions: true };

/** Runs a node. Throws EngineFault with the path of what failed. */
export function runNode(run: Run, node: CompiledNode, options: { as: NodeTrace["as"]; parts?: NodeParts }): void {
  const parts = options.parts ?? allParts;
  run.countNode();
  const trace = run.trace.startNode({ treeId: node.treeId, compositeId: node.compositeId }, options.as);
  if (parts.runPreActions) runActions(run, node, { trace, phase: "pre" });
  if (parts.sendResponses) sendResponses(run, node, trace);
  if (parts.runPostActions) runActions(run, node, { trace, phase: "post" });
  if (node.tags.length > 0) {
    const added = guard(`nodes[${node.position}].tags`, () => run.draft.addTags(node.tags));
    trace.tagsAdded.push(...added);
  }
  if (node.analytics !== undefined) trace.analytics = node.analytics;
}

function runActions(run: Run, node: CompiledNode, { trace, phase }: { trace: NodeTrace; phase: "pre" | "post" }): void {
  const actions: readonly CompiledAction[] = phase === "pre" ? node.preActions : node.postActions;
  for (const [index, action] of actions.entries()) {
    const path = `nodes[${node.position}].${phase}Actions[${index}]`;
    try {
      trace.actions.push({ phase, ...action(run) });
    } catch (thrown) {
      const fault = toFault(thrown, "engine.action_failed").at(path);
      trace.actions.push({ phase, type: path, error: fault.message });
      throw fault;
    }
  }
}

function sendResponses(run: Run, node: CompiledNode, trace: NodeTrace): void {
  for (const [index, respond] of node.responses.entries()) {
    guard(`nodes[${node.position}].responses[${index}]`, () => {
      const { message, trace: entry } = respond(run);
      trace.responses.push(entry);
      if (message === undefined) return;
      run.addEffect({ kind: "send", message, nodeCompositeId: node.compositeId, treeId: node.treeId });
    });
  }
}

function guard<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw toFault(thrown, "engine.response_failed").at(path);
  }
}
