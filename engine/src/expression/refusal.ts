// Thrown while an expression is compiled; parse-expression.ts turns it into a message with its position.

import type { ASTNode } from "@marcbachmann/cel-js";

/** Why an expression is refused, and where (counted from 0). */
export class Refusal extends Error {
  readonly start: number;

  constructor(message: string, node: ASTNode) {
    super(message);
    this.start = node.start;
  }
}
