// Which nodes may answer an event, and which of them match. The order is the answer: lowest priority first, then
// place in the list, so the same input always picks the same node.

import type { CompiledNode, CompiledTree } from "../node/compile-tree.ts";
import type { NodePosition } from "../types.ts";
import type { ProgramRun } from "./program-run.ts";

/** The trees an event may be answered from, the member's place in them, and the nodes that come from elsewhere. */
export interface Field {
  readonly trees: readonly CompiledTree[];
  readonly current: CompiledNode | undefined;
  readonly extras: readonly CompiledNode[];
}

/** The field of an event in a mode, or why nobody may answer. */
export function findField(run: ProgramRun): { ok: true; field: Field } | { ok: false; why: string } {
  const { program, draft } = run;
  const { mode } = draft;
  if (mode === "bot") return { ok: true, field: botField(run) };
  const treeId = mode === "off" ? program.offTreeId : program.liveTreeId;
  const kind = mode === "off" ? "off" : "live-chat";
  const tree = treeId === undefined ? undefined : program.trees.get(treeId);
  if (tree === undefined) return { ok: false, why: `The mode is ${mode} and the channel has no ${kind} tree.` };
  const current = draft.node?.treeId === tree.treeId ? tree.nodes.get(draft.node.compositeId) : undefined;
  return { ok: true, field: { trees: [tree], current, extras: [] } };
}

function botField(run: ProgramRun): Field {
  const { program, draft } = run;
  const current = findCurrent(run, draft.node);
  const currentTree = current === undefined ? undefined : program.trees.get(current.treeId);
  const trees = currentTree === undefined ? defaultTrees(run) : [currentTree];
  const extras = program.channelGlobals.flatMap(
    ({ treeId, compositeId }) => program.trees.get(treeId)?.nodes.get(compositeId) ?? [],
  );
  return { trees, current, extras };
}

/** The trees a member without a place starts in. */
export function defaultTrees({ program }: ProgramRun): CompiledTree[] {
  return program.defaultTreeIds.flatMap((treeId) => program.trees.get(treeId) ?? []);
}

/** The member's node; a place in the live-chat or off tree does not count once the bot speaks again. */
function findCurrent({ program }: ProgramRun, place: NodePosition | null): CompiledNode | undefined {
  if (place === null) return undefined;
  const isSpecial = place.treeId === program.liveTreeId || place.treeId === program.offTreeId;
  if (isSpecial && !program.defaultTreeIds.includes(place.treeId)) return undefined;
  return program.trees.get(place.treeId)?.nodes.get(place.compositeId);
}

/** A node in the running for an event. */
export interface Candidate {
  readonly node: CompiledNode;
  /** A head node without triggers takes anything, when the member has no place yet. */
  readonly takesAnything: boolean;
}

/** The candidates of a field, each node once, in the order they are tried. */
export function toCandidates({ trees, current, extras }: Field): Candidate[] {
  const found = new Map<CompiledNode, Candidate>();
  const add = (node: CompiledNode | undefined, isHead: boolean): void => {
    if (node === undefined || found.has(node)) return;
    found.set(node, { node, takesAnything: isHead && !node.hasTriggers });
  };
  if (current === undefined) for (const tree of trees) add(tree.headNode, true);
  else for (const id of current.children) add(trees[0]?.nodes.get(id), false);
  for (const tree of trees) for (const node of tree.globals) add(node, false);
  for (const node of extras) add(node, false);
  return [...found.values()].sort(compareCandidates);
}

/** By priority; a head that takes anything comes after those that ask for something; else in the order found. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return a.node.priority - b.node.priority || Number(a.takesAnything) - Number(b.takesAnything);
}

/** Whether a candidate matches; the trace learns which trigger, or why not. */
export function doesMatch(run: ProgramRun, candidate: Candidate): boolean {
  const { node, takesAnything } = candidate;
  run.scope.setMatch(undefined);
  const verdict = takesAnything ? judgeTriggerless(run) : node.matches(run);
  run.trace.addCandidate({ treeId: node.treeId, compositeId: node.compositeId, ...verdict });
  return verdict.matched;
}

/**
 * Whether somebody said something. A reaction, an event of another system or a message that the platform would not show us
 * asks for no answer: only a node that names it answers.
 */
export function asksForAnswer({ event }: ProgramRun): boolean {
  return event.type !== "reaction" && event.type !== "event" && event.type !== "unknown";
}

function judgeTriggerless(run: ProgramRun): { matched: boolean; why: string } {
  return asksForAnswer(run)
    ? { matched: true, why: "head node without triggers" }
    : { matched: false, why: `a node without triggers does not answer ${run.event.type}` };
}
