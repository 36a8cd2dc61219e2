// Small trees and events for the tests of this package. Everything not named by a test has a plain default.

import { compileTree } from "../node/compile-tree.ts";
import type { Program, StepResult } from "../program.ts";
import { step } from "../run/step.ts";
import { parseTree } from "../tree/parse-tree.ts";
import { type EngineEvent, initialState, type SessionState } from "../types.ts";

/** The time every sample event happens at: 2026-01-02T03:04:05Z, a Friday. */
export const sampleNowMs = 1_767_323_045_000;

/** An event with the given fields. */
export function sampleEvent(fields: Partial<EngineEvent> = {}): EngineEvent {
  return {
    id: "evt_1",
    type: "text",
    nowMs: sampleNowMs,
    picks: [0],
    member: { id: "mem_1", name: "Ann", externalId: "ext-1", fields: { plan: "gold" } },
    channel: { id: "chn_1", kind: "web", name: "Website", meta: { region: "hk" } },
    ...fields,
  };
}

/** A text event. */
export function textEvent(text: string, fields: Partial<EngineEvent> = {}): EngineEvent {
  return sampleEvent({ type: "text", text, ...fields });
}

/** A payload event. */
export function payloadEvent(payload: string): EngineEvent {
  return sampleEvent({ type: "payload", payload });
}

/** A node as JSON. */
export function sampleNode(compositeId: string, fields: object = {}): object {
  return { compositeId, name: compositeId, kind: "general", ...fields };
}

/** A tree as JSON whose first node is the head. */
export function sampleTree(nodes: readonly object[], fields: object = {}): object {
  const [head] = nodes as readonly { compositeId?: string }[];
  return { schema: "parley.tree/1", name: "Sample", headNode: head?.compositeId ?? "none", nodes, ...fields };
}

/** A node that says its own name when a keyword is heard. */
export function speaker(compositeId: string, keyword: string, fields: object = {}): object {
  return sampleNode(compositeId, {
    triggers: [{ any: [{ type: "keywords", keywords: [keyword], equals: true }] }],
    responses: [{ type: "text", text: compositeId }],
    ...fields,
  });
}

/** A program of trees by id; the first is the default tree unless `fields` says otherwise. */
export function toProgram(trees: { readonly [treeId: string]: object }, fields: Partial<Program> = {}): Program {
  const compiled = Object.entries(trees).map(([treeId, json]) => {
    const parsed = parseTree(json);
    if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.mistakes));
    return [treeId, compileTree(parsed.tree, { treeId, versionId: `${treeId}-v1` })] as const;
  });
  return { trees: new Map(compiled), defaultTreeIds: Object.keys(trees).slice(0, 1), channelGlobals: [], ...fields };
}

/** A program of one tree with the id `main`. */
export function programOf(nodes: readonly object[], fields: object = {}): Program {
  return toProgram({ main: sampleTree(nodes, fields) });
}

/** What one node does when it answers an event, from the initial state. */
export function runSingleNode(
  fields: object,
  event: EngineEvent = textEvent("hello"),
  state = initialState,
): StepResult {
  return step(programOf([sampleNode("only", fields)]), state, event);
}

/** The texts sent, with other kinds of messages as their type. */
export function textsOf(result: StepResult): string[] {
  return result.effects.flatMap((effect) => {
    if (effect.kind !== "send") return [];
    return effect.message.type === "text" ? effect.message.text : effect.message.type;
  });
}

/** The state with the member standing at a node. */
export function standingAt(compositeId: string, fields: Partial<SessionState> = {}): SessionState {
  return { ...initialState, node: { treeId: "main", versionId: "main-v1", compositeId }, ...fields };
}
