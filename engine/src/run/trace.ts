// The record of one event for the developer log: what was considered, what ran, what changed, what went wrong.
// Plain JSON of bounded size. It holds message texts; the server encrypts it and decides who reads them.

import { toBounded } from "../json.ts";
import { limits } from "../limits.ts";
import type { JsonValue, Mode, NodePosition, OutgoingMessage, StepError } from "../types.ts";

/** A node named across trees. */
export interface NodeRef {
  readonly treeId: string;
  readonly compositeId: string;
}

/** One node that was considered: whether it matched, and by which trigger or why not. */
export interface CandidateTrace extends NodeRef {
  readonly matched: boolean;
  readonly why: string;
}

/** One action: what it was given, and its result or error. */
export interface ActionTrace {
  readonly phase: "pre" | "post";
  readonly type: string;
  readonly name?: string;
  readonly input?: JsonValue;
  readonly result?: JsonValue;
  readonly error?: string;
}

/** One response: its type and messages, or why nothing was sent. */
export interface ResponseTrace {
  readonly type: string;
  readonly message?: OutgoingMessage;
  readonly variation?: number;
  readonly locale?: string;
  readonly skipped?: string;
}

/** One node that ran. */
export interface NodeTrace extends NodeRef {
  readonly as: "match" | "mute" | "fallback" | "redirect";
  readonly actions: ActionTrace[];
  readonly responses: ResponseTrace[];
  readonly tagsAdded: string[];
  analytics?: { readonly category: string; readonly action: string; readonly label?: string };
}

/** One redirect: where to, and whether it was followed. */
export interface RedirectTrace {
  readonly from: NodeRef | null;
  readonly to: NodeRef;
  readonly followed: boolean;
  readonly why?: string;
}

/** What changed in the state. Values longer than the trace's bound are cut. */
export interface StateDiff {
  readonly variablesSet: { readonly [name: string]: JsonValue };
  readonly variablesRemoved: readonly string[];
  readonly tagsAdded: readonly string[];
  readonly tagsRemoved: readonly string[];
  readonly mode?: { readonly from: Mode; readonly to: Mode };
  readonly locale?: { readonly from: string | null; readonly to: string | null };
  readonly node?: { readonly from: NodePosition | null; readonly to: NodePosition | null };
}

/** How the event was answered. */
export type StepOutcome = "matched" | "fallback" | "redirected" | "unmatched" | "silent" | "failed";

/** The record of one event. */
export interface StepTrace {
  readonly eventId: string;
  readonly eventType: string;
  readonly mode: Mode;
  readonly nodeBefore: NodePosition | null;
  readonly outcome: StepOutcome;
  /** One sentence on the outcome, when the outcome alone does not say it. */
  readonly reason?: string;
  readonly candidates: readonly CandidateTrace[];
  readonly candidatesLeftOut: number;
  readonly muted: readonly NodeRef[];
  readonly nodes: readonly NodeTrace[];
  readonly redirects: readonly RedirectTrace[];
  readonly diff: StateDiff;
  readonly error?: StepError;
}

/** The trace while it is being written. */
export class TraceBook {
  readonly candidates: CandidateTrace[] = [];
  readonly muted: NodeRef[] = [];
  readonly nodes: NodeTrace[] = [];
  readonly redirects: RedirectTrace[] = [];
  candidatesLeftOut = 0;
  outcome: StepOutcome = "unmatched";
  reason: string | undefined;

  addCandidate(candidate: CandidateTrace): void {
    if (this.candidates.length < limits.traceCandidates) this.candidates.push(candidate);
    else this.candidatesLeftOut += 1;
  }

  startNode(node: NodeRef, as: NodeTrace["as"]): NodeTrace {
    const entry: NodeTrace = { ...node, as, actions: [], responses: [], tagsAdded: [] };
    this.nodes.push(entry);
    return entry;
  }
}

/** A text short enough for the trace. */
export function toTraceText(text: string): string {
  return text.length <= limits.traceStringLength ? text : `${toBounded(text, limits.traceStringLength)}…`;
}

/** A value short enough for the trace; a longer one becomes the beginning of its JSON. */
export function toTraceValue(value: JsonValue): JsonValue {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "string") return toTraceText(value);
  const json = JSON.stringify(value);
  return json.length <= limits.traceStringLength ? value : toTraceText(json);
}

/** A message with its texts short enough for the trace. */
export function toTraceMessage(message: OutgoingMessage): OutgoingMessage {
  return withShortTexts(message);
}

function withShortTexts<T>(value: T): T {
  if (typeof value === "string") return toTraceText(value) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withShortTexts) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withShortTexts(item)])) as T;
}
