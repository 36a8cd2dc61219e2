// The front door of expressions: source text in, a metered evaluator out, or one sentence that says what is
// wrong and at which character. Parsing happens when a tree is saved and once more when it is compiled.

import { limits } from "../limits.ts";
import type { Meter } from "../meter.ts";
import { compileAst } from "./compile-ast.ts";
import { checkExpression } from "./environment.ts";
import type { ExpressionRoots } from "./frame.ts";
import { Refusal } from "./refusal.ts";
import type { CelValue } from "./values.ts";

/** A compiled expression. `evaluate` throws ExpressionError (no value) or EngineFault (budget spent). */
export interface Expression {
  readonly source: string;
  evaluate(roots: ExpressionRoots, meter: Meter): CelValue;
}

/** The type an expression must have; "bool" also takes what is only known when it runs. */
export type ExpectedType = "bool" | "any";

/** Parses, type-checks and compiles an expression. */
export function parseExpression(
  source: string,
  expected: ExpectedType,
): { ok: true; expression: Expression } | { ok: false; message: string } {
  if (source.length > limits.expressionLength) {
    return { ok: false, message: `An expression has at most ${limits.expressionLength} characters.` };
  }
  const checked = checkExpression(source);
  if (!checked.ok) return { ok: false, message: `Not a valid expression: ${checked.message}` };
  if (expected === "bool" && checked.type !== "bool" && checked.type !== "dyn") {
    return { ok: false, message: `A condition must give true or false; this gives ${checked.type} (at character 1)` };
  }
  try {
    const run = compileAst(checked.ast, []);
    const evaluate = (roots: ExpressionRoots, meter: Meter): CelValue =>
      run({ roots, meter, parent: undefined, value: null });
    return { ok: true, expression: { source, evaluate } };
  } catch (thrown) {
    const position = thrown instanceof Refusal ? ` (at character ${thrown.start + 1})` : "";
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { ok: false, message: `Not a valid expression: ${reason}${position}` };
  }
}
