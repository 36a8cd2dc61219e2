// The bot engine: a pure function from (program, state, event) to (state, effects, trace). It does no I/O, reads
// no clock and draws no random number, so the server, the simulator and the tests all get the same answer.

export { EngineFault } from "./fault.ts";
export { limits } from "./limits.ts";
export { type CompiledNode, type CompiledTree, compileTree } from "./node/compile-tree.ts";
export type { Program, StepResult } from "./program.ts";
export { step } from "./run/step.ts";
export type {
  ActionTrace,
  CandidateTrace,
  NodeRef,
  NodeTrace,
  RedirectTrace,
  ResponseTrace,
  StateDiff,
  StepOutcome,
  StepTrace,
} from "./run/trace.ts";
export { degreesMax } from "./tree/coordinates.ts";
export { toFileName } from "./tree/file-name.ts";
export { findFileId } from "./tree/media-address.ts";
export type { Mistake } from "./tree/mistakes.ts";
export { parseTree } from "./tree/parse-tree.ts";
export type { ResponseDefinition } from "./tree/response-schema.ts";
export {
  type ActionDefinition,
  type NodeDefinition,
  type RedirectDefinition,
  type TreeDefinition,
  treeSchema,
} from "./tree/schema.ts";
export type { TriggerDefinition, TriggerGroup } from "./tree/trigger-schema.ts";
export { warningsOf } from "./tree/warnings-of.ts";
export {
  type Effect,
  type EngineEvent,
  initialState,
  type JsonValue,
  type Mode,
  type NodePosition,
  type OutgoingButton,
  type OutgoingCard,
  type OutgoingMessage,
  type OutgoingRow,
  type OutgoingSection,
  type RedirectRequest,
  type SessionState,
  type StepError,
} from "./types.ts";
