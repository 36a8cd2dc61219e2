// A run together with the program it goes through. Nodes see only the run; what chooses nodes sees both.

import type { Program } from "../program.ts";
import type { EngineEvent, SessionState } from "../types.ts";
import { Run } from "./run.ts";

/** One event on its way through a program. */
export class ProgramRun extends Run {
  readonly program: Program;

  constructor(program: Program, state: SessionState, event: EngineEvent) {
    super(state, event);
    this.program = program;
  }
}
