// What one event may cost. Every expression step, search and template render draws on one meter, so an event's
// work is bounded by the same figure on every machine; wall time is never read.

import { EngineFault } from "./fault.ts";
import { limits } from "./limits.ts";

/** The budget left to one event. */
export interface Meter {
  expressionStepsLeft: number;
  templateStepsLeft: number;
}

/** A full budget. */
export function createMeter(): Meter {
  return {
    expressionStepsLeft: limits.expressionStepsPerEvent,
    templateStepsLeft: limits.templateStepsPerEvent,
  };
}

/** Draws steps; throws `engine.expression_too_costly` when the event's budget is spent. */
export function spend(meter: Meter, steps: number): void {
  meter.expressionStepsLeft -= steps;
  if (meter.expressionStepsLeft < 0) {
    throw new EngineFault("engine.expression_too_costly", "The conditions of this event do too much work.");
  }
}
