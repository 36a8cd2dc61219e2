// One event, from the state before to the state after. Pure: the same program, state and event always give the
// same result, nothing of the input is changed, and nothing is ever thrown.

import { EngineFault, toFault } from "../fault.ts";
import { limits } from "../limits.ts";
import type { CompiledNode } from "../node/compile-tree.ts";
import type { Program, StepResult } from "../program.ts";
import type { EngineEvent, SessionState, StepError } from "../types.ts";
import {
  asksForAnswer,
  type Candidate,
  defaultTrees,
  doesMatch,
  type Field,
  findField,
  toCandidates,
} from "./candidates.ts";
import { followRedirects, jump } from "./follow-redirects.ts";
import { ProgramRun } from "./program-run.ts";
import { runNode } from "./run-node.ts";
import { type StepTrace, toTraceText } from "./trace.ts";

/**
 * Processes one event. Never throws for a program of trees that passed `parseTree`: a failure is `result.error`,
 * with the state of before the event and no effects.
 */
export function step(program: Program, state: SessionState, event: EngineEvent): StepResult {
  const run = new ProgramRun(program, state, event);
  try {
    processEvent(run);
    const after = run.draft.finish();
    return { state: after, effects: run.effects, trace: toTrace(run) };
  } catch (thrown) {
    const fault = toFault(thrown, "engine.failed");
    const error: StepError = {
      code: fault.code,
      message: toTraceText(fault.message),
      ...(fault.path === undefined ? {} : { path: fault.path }),
    };
    run.trace.outcome = "failed";
    return { state, effects: [], trace: toTrace(run, error), error };
  }
}

function processEvent(run: ProgramRun): void {
  assertBounded(run.event);
  const { redirect, type } = run.event;
  if (type === "redirect") return jump(run, redirect);
  const found = findField(run);
  if (!found.ok) {
    run.trace.outcome = "silent";
    run.trace.reason = found.why;
    return;
  }
  const candidates = toCandidates(found.field);
  runMuted(run, candidates);
  const chosen = candidates.find((candidate) => !candidate.node.isMute && doesMatch(run, candidate));
  if (chosen !== undefined) answer(run, chosen.node, "match");
  else answerUnmatched(run, found.field);
}

function assertBounded(event: EngineEvent): void {
  const longest = Math.max(event.text?.length ?? 0, event.payload?.length ?? 0, event.title?.length ?? 0);
  if (longest > limits.eventTextLength) {
    throw new EngineFault("engine.event_too_large", `A text has at most ${limits.eventTextLength} characters.`);
  }
  if (!(Math.abs(event.nowMs) <= 8_640_000_000_000_000)) {
    throw new EngineFault("engine.event_not_valid", "The time of the event is not a time.");
  }
}

function runMuted(run: ProgramRun, candidates: readonly Candidate[]): void {
  for (const candidate of candidates) {
    if (!candidate.node.isMute || !doesMatch(run, candidate)) continue;
    const { treeId, compositeId } = candidate.node;
    run.trace.muted.push({ treeId, compositeId });
    runNode(run, candidate.node, { as: "mute" });
  }
}

function answer(run: ProgramRun, node: CompiledNode, as: "match" | "fallback"): void {
  run.trace.outcome = as === "match" ? "matched" : "fallback";
  runNode(run, node, { as });
  followRedirects(run, node);
}

/** Nothing matched: the fallback of the member's tree, else of the first default tree that has one, else silence. */
function answerUnmatched(run: ProgramRun, { trees }: Field): void {
  run.scope.setMatch(undefined);
  if (!asksForAnswer(run)) {
    run.trace.outcome = "unmatched";
    run.trace.reason = `No node names this ${run.event.type}, and it asks for no answer.`;
    return;
  }
  const isBot = run.draft.before.mode === "bot";
  const fallback = [...trees, ...(isBot ? defaultTrees(run) : [])].find((tree) => tree.fallbackNode !== undefined);
  if (fallback?.fallbackNode !== undefined) return answer(run, fallback.fallbackNode, "fallback");
  run.trace.outcome = "unmatched";
  run.trace.reason = "No node matched and there is no fallback node.";
}

function toTrace(run: ProgramRun, error?: StepError): StepTrace {
  const { trace, event, draft } = run;
  const isUnchanged = error !== undefined;
  return {
    eventId: event.id,
    eventType: event.type,
    mode: draft.before.mode,
    nodeBefore: draft.before.node,
    outcome: trace.outcome,
    ...(trace.reason === undefined ? {} : { reason: trace.reason }),
    candidates: trace.candidates,
    candidatesLeftOut: trace.candidatesLeftOut,
    muted: trace.muted,
    nodes: trace.nodes,
    redirects: trace.redirects,
    diff: isUnchanged ? { variablesSet: {}, variablesRemoved: [], tagsAdded: [], tagsRemoved: [] } : draft.diff(),
    ...(error === undefined ? {} : { error }),
  };
}
