// Moving on: a node's redirect to another, or a jump asked for from outside. The member's place becomes the last
// node that ran. A redirect never lets the bot talk over a person.

import { EngineFault } from "../fault.ts";
import type { CompiledNode, CompiledRedirect } from "../node/compile-tree.ts";
import type { Mode, RedirectRequest } from "../types.ts";
import type { ProgramRun } from "./program-run.ts";
import { type NodeParts, runNode } from "./run-node.ts";
import type { NodeRef } from "./trace.ts";

/** Follows the redirects of a node that just ran, to the end of the chain. Throws EngineFault. */
export function followRedirects(run: ProgramRun, start: CompiledNode): void {
  let node: CompiledNode | undefined = start;
  while (node !== undefined) {
    settle(run, node);
    node = node.redirect === undefined ? undefined : follow(run, node, node.redirect);
  }
}

/** The member's place is now this node. */
function settle(run: ProgramRun, { treeId, versionId, compositeId }: CompiledNode): void {
  run.draft.node = { treeId, versionId, compositeId };
}

function follow(run: ProgramRun, from: CompiledNode, redirect: CompiledRedirect): CompiledNode | undefined {
  const verdict = redirect.condition?.(run);
  const why = verdict?.matched === false ? verdict.why : undefined;
  return go(run, { from: toRef(from), to: toRef(redirect), parts: redirect, why });
}

/** Goes straight to a node because an event says so (Bot API). Throws EngineFault. */
export function jump(run: ProgramRun, request: RedirectRequest | undefined): void {
  if (request === undefined) {
    throw new EngineFault("engine.event_not_valid", "A redirect event must name its tree and node.");
  }
  const node = go(run, { from: null, to: toRef(request), parts: request, why: undefined });
  if (node === undefined) {
    run.trace.outcome = "silent";
    run.trace.reason = run.trace.redirects.at(-1)?.why;
    return;
  }
  run.trace.outcome = "redirected";
  followRedirects(run, node);
}

interface Move {
  readonly from: NodeRef | null;
  readonly to: NodeRef;
  readonly parts: NodeParts;
  /** Why the redirect is not taken, when its condition says so. */
  readonly why: string | undefined;
}

function go(run: ProgramRun, { from, to, parts, why: conditionWhy }: Move): CompiledNode | undefined {
  const target = run.program.trees.get(to.treeId)?.nodes.get(to.compositeId);
  const why = conditionWhy ?? describeRefusal(run, to) ?? (target === undefined ? "there is no such node" : undefined);
  if (target === undefined || why !== undefined) {
    run.trace.redirects.push({ from, to, followed: false, ...(why === undefined ? {} : { why }) });
    return undefined;
  }
  run.countRedirect();
  run.trace.redirects.push({ from, to, followed: true });
  runNode(run, target, { as: "redirect", parts });
  return target;
}

/** SECURITY: while a person has the conversation, or the channel is off, only that mode's own tree may speak. */
function describeRefusal(run: ProgramRun, to: NodeRef): string | undefined {
  const { mode: before } = run.draft.before;
  const { mode } = run.draft;
  if (before === "bot" || mode === "bot") return undefined;
  return to.treeId === treeOfMode(run, mode) ? undefined : `the mode is ${mode}`;
}

function treeOfMode({ program }: ProgramRun, mode: Mode): string | undefined {
  return mode === "off" ? program.offTreeId : program.liveTreeId;
}

function toRef({ treeId, compositeId }: NodeRef): NodeRef {
  return { treeId, compositeId };
}
