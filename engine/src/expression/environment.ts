// The type checker: CEL's own grammar and types over our variables, so that a misspelt field is found when a
// node is saved. It only parses and checks; evaluation is done by compile-ast.ts under the event's meter.

import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { limits } from "../limits.ts";

const environment = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  limits: {
    maxAstNodes: limits.expressionNodes,
    maxDepth: limits.expressionDepth,
    maxListElements: 100,
    maxMapEntries: 100,
    maxCallArguments: 4,
  },
})
  .registerVariable("event", {
    schema: {
      id: "string",
      type: "string",
      text: "string",
      payload: "string",
      title: "string",
      eventType: "string",
      data: "dyn",
      match: "list<string>",
      groups: "map<string, string>",
    },
  })
  .registerVariable("member", {
    schema: {
      id: "string",
      name: "string",
      externalId: "string",
      tags: "list<string>",
      fields: "map<string, dyn>",
    },
  })
  .registerVariable("session", {
    schema: {
      variables: "map<string, dyn>",
      mode: "string",
      locale: "string",
      node: { treeId: "string", compositeId: "string" },
    },
  })
  .registerVariable("channel", { schema: { id: "string", kind: "string", name: "string", meta: "dyn" } })
  .registerVariable("now", "google.protobuf.Timestamp")
  .registerVariable("meta", "dyn");

/** A parsed and type-checked expression, or the reason with the character it stands at (counted from 1). */
export type CheckedExpression = { ok: true; ast: ASTNode; type: string } | { ok: false; message: string };

/** Parses and type-checks an expression. */
export function checkExpression(source: string): CheckedExpression {
  try {
    const parsed = environment.parse(source);
    const checked = parsed.check();
    if (checked.valid) return { ok: true, ast: parsed.ast, type: checked.type ?? "dyn" };
    return { ok: false, message: toMessage(checked.error) };
  } catch (thrown) {
    return { ok: false, message: toMessage(thrown) };
  }
}

function toMessage(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "not a valid expression";
  const details = thrown as Error & { summary?: unknown; range?: { start?: unknown } };
  const summary = typeof details.summary === "string" ? details.summary : thrown.message;
  const start = details.range?.start;
  const position = typeof start === "number" ? ` (at character ${start + 1})` : "";
  return `${summary.slice(0, 300)}${position}`;
}
