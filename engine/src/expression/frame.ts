// What an expression sees while it runs: the roots of the event, the variables of the macros around it, and the
// meter it draws on.

import type { Meter } from "../meter.ts";
import type { CelValue } from "./values.ts";

/** The top-level names, read on demand. A name that is not there is undefined. */
export interface ExpressionRoots {
  readRoot(name: RootName): CelValue | undefined;
}

/** The names every expression and template may start from. */
export type RootName = "event" | "member" | "session" | "channel" | "now" | "meta";

/** The top-level names, for checks. */
export const rootNames: readonly RootName[] = ["event", "member", "session", "channel", "now", "meta"];

/** One level of variables; the innermost macro's comes first. */
export interface Frame {
  readonly roots: ExpressionRoots;
  readonly meter: Meter;
  readonly parent: Frame | undefined;
  readonly value: CelValue;
}

/** A compiled part of an expression. Throws ExpressionError, or EngineFault when the budget is spent. */
export type Evaluate = (frame: Frame) => CelValue;

/** A frame in which a macro's variable has a value. */
export function withVariable(frame: Frame, value: CelValue): Frame {
  return { roots: frame.roots, meter: frame.meter, parent: frame, value };
}
