// The bounded loops of an expression: all, exists, exists_one, map, filter. Each turn is paid for by the
// expressions it runs, so nested loops share one budget.

import { type Meter, spend } from "../meter.ts";
import { type Evaluate, type Frame, withVariable } from "./frame.ts";
import { type CelValue, ExpressionError, isCelList, isCelMap, toFailure, typeName } from "./values.ts";

/** A loop over `range`; `steps` are its compiled bodies, in which the loop's variable is bound. */
export type Macro = (range: Evaluate, steps: readonly Evaluate[]) => Evaluate;

function itemsOf(value: CelValue, meter: Meter): readonly CelValue[] {
  const items = isCelList(value) ? value : isCelMap(value) ? Object.keys(value) : undefined;
  if (items === undefined) throw new ExpressionError(`cannot loop over ${typeName(value)}`);
  spend(meter, 1 + (items.length >> 3));
  return items;
}

/** The bool an expression gives, or an ExpressionError. */
export function toBool(value: CelValue): boolean {
  if (typeof value === "boolean") return value;
  throw new ExpressionError(`expected true or false, got ${typeName(value)}`);
}

/** An error in one turn does not count when another turn decides the answer (CEL specification, "Macros"). */
function quantifier(decisive: boolean): Macro {
  return (range, [step]) =>
    (frame) => {
      let failure: ExpressionError | undefined;
      for (const item of itemsOf(range(frame), frame.meter)) {
        try {
          if (step !== undefined && toBool(step(withVariable(frame, item))) === decisive) return decisive;
        } catch (thrown) {
          const absorbed = toFailure(thrown, frame.meter);
          failure ??= absorbed;
        }
      }
      if (failure !== undefined) throw failure;
      return !decisive;
    };
}

function holds(step: Evaluate | undefined, frame: Frame, item: CelValue): boolean {
  return step !== undefined && toBool(step(withVariable(frame, item)));
}

const existsOne: Macro =
  (range, [step]) =>
  (frame) =>
    itemsOf(range(frame), frame.meter).filter((item) => holds(step, frame, item)).length === 1;

const filter: Macro =
  (range, [step]) =>
  (frame) =>
    itemsOf(range(frame), frame.meter).filter((item) => holds(step, frame, item));

const map: Macro = (range, steps) => (frame) => {
  const items = itemsOf(range(frame), frame.meter);
  const [first, second] = steps;
  if (first === undefined) return [];
  if (second === undefined) return items.map((item) => first(withVariable(frame, item)));
  return items.filter((item) => holds(first, frame, item)).map((item) => second(withVariable(frame, item)));
};

/** Macros by name and number of arguments (the variable counts as one). */
export const macros: ReadonlyMap<string, Macro> = new Map([
  ["all:2", quantifier(false)],
  ["exists:2", quantifier(true)],
  ["exists_one:2", existsOne],
  ["filter:2", filter],
  ["map:2", map],
  ["map:3", map],
]);
