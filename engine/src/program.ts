// What `step` takes besides state and event, and what it gives back.

import type { CompiledTree } from "./node/compile-tree.ts";
import type { StepTrace } from "./run/trace.ts";
import type { Effect, SessionState, StepError } from "./types.ts";

/** Everything one channel runs: its trees by id, and the part each plays. */
export interface Program {
  readonly trees: ReadonlyMap<string, CompiledTree>;
  readonly defaultTreeIds: readonly string[];
  readonly liveTreeId?: string;
  readonly offTreeId?: string;
  readonly channelGlobals: readonly { treeId: string; compositeId: string }[];
}

/** The outcome of one event. */
export interface StepResult {
  readonly state: SessionState;
  readonly effects: readonly Effect[];
  readonly trace: StepTrace;
  readonly error?: StepError;
}
