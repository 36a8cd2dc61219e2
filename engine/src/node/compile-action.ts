// Actions as functions of the run. Each changes only the draft and the effects, and says what it did.

import { parseExpression } from "../expression/parse-expression.ts";
import { ExpressionError, toJsonResult } from "../expression/values.ts";
import { EngineFault } from "../fault.ts";
import { toBounded, toSafeJson } from "../json.ts";
import { limits } from "../limits.ts";
import type { Run } from "../run/run.ts";
import { type ActionTrace, toTraceText, toTraceValue } from "../run/trace.ts";
import { parseTemplate, type Template } from "../template/parse-template.ts";
import type { ActionDefinition } from "../tree/schema.ts";
import { compileCondition } from "../trigger/compile-trigger.ts";
import type { JsonValue } from "../types.ts";

/** What an action did, for the trace. */
export type ActionReport = Omit<ActionTrace, "phase">;

/** A compiled action. Throws EngineFault. */
export type CompiledAction = (run: Run) => ActionReport;

/** Compiles a template that has passed the schema. Throws EngineFault otherwise. */
export function compileTemplate(source: string): Template {
  const parsed = parseTemplate(source);
  if (!parsed.ok) throw new EngineFault("engine.tree_not_valid", parsed.message);
  return parsed.template;
}

/** Renders a template over a run. */
export function renderTemplate(template: Template, run: Run): string {
  return template.render(run.scope, run.meter);
}

/** Compiles an action with its condition. Throws EngineFault for what `parseTree` would refuse. */
export function compileAction(action: ActionDefinition): CompiledAction {
  const perform = compilePerform(action);
  if (action.when === undefined) return perform;
  const condition = compileCondition(action.when);
  return (run) => {
    const { matched, why } = condition(run);
    return matched ? perform(run) : { type: action.type, result: `skipped: ${toTraceText(why)}` };
  };
}

function compilePerform(action: ActionDefinition): CompiledAction {
  switch (action.type) {
    case "setVariable":
      return compileSetVariable(action.name, action.value);
    case "deleteVariable":
      return ({ draft }) => ({ type: action.type, name: action.name, result: draft.deleteVariable(action.name) });
    case "addTags":
      return ({ draft }) => ({ type: action.type, input: action.tags, result: draft.addTags(action.tags) });
    case "removeTags":
      return ({ draft }) => ({ type: action.type, input: action.tags, result: draft.removeTags(action.tags) });
    case "setLocale":
      return ({ draft }) => {
        draft.locale = action.locale;
        return { type: action.type, input: action.locale };
      };
    case "startLiveChat":
      return compileStartLiveChat(action.reason);
    case "endLiveChat":
      return endLiveChat;
  }
}

function compileSetVariable(name: string, value: JsonValue): CompiledAction {
  const compute = compileValue(value);
  const input = toTraceValue(toSafeJson(value));
  return (run) => {
    const result = compute(run);
    run.draft.setVariable(name, result);
    return { type: "setVariable", name, input, result: toTraceValue(result) };
  };
}

function compileValue(value: JsonValue): (run: Run) => JsonValue {
  if (typeof value === "string") {
    const template = compileTemplate(value);
    return (run) => renderTemplate(template, run);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { expression, ...others } = value;
    if (typeof expression === "string" && Object.keys(others).length === 0) return compileExpressionValue(expression);
  }
  return () => toSafeJson(value);
}

function compileExpressionValue(source: string): (run: Run) => JsonValue {
  const parsed = parseExpression(source, "any");
  if (!parsed.ok) throw new EngineFault("engine.tree_not_valid", parsed.message);
  return (run) => {
    try {
      return toJsonResult(parsed.expression.evaluate(run.scope, run.meter));
    } catch (thrown) {
      if (!(thrown instanceof ExpressionError)) throw thrown;
      throw new EngineFault("engine.expression_failed", `The expression has no value: ${thrown.message}.`);
    }
  };
}

function compileStartLiveChat(source: string | undefined): CompiledAction {
  const template = source === undefined ? undefined : compileTemplate(source);
  return (run) => {
    const { mode } = run.draft;
    if (mode !== "bot") return { type: "startLiveChat", result: `no change: the mode is ${mode}` };
    const rendered = template === undefined ? "" : toBounded(renderTemplate(template, run), limits.reasonLength).trim();
    run.draft.mode = "queued";
    run.addEffect({ kind: "liveChat", on: true, ...(rendered === "" ? {} : { reason: rendered }) });
    return { type: "startLiveChat", ...(rendered === "" ? {} : { input: rendered }), result: "queued" };
  };
}

function endLiveChat(run: Run): ActionReport {
  const { mode } = run.draft;
  if (mode !== "live" && mode !== "queued") return { type: "endLiveChat", result: `no change: the mode is ${mode}` };
  run.draft.mode = "bot";
  run.addEffect({ kind: "liveChat", on: false });
  return { type: "endLiveChat", result: "bot" };
}
