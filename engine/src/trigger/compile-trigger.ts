// A trigger as a function of the event. Everything that can be prepared is prepared here, once per tree version.

import { parseExpression } from "../expression/parse-expression.ts";
import { ExpressionError } from "../expression/values.ts";
import { EngineFault } from "../fault.ts";
import { spend } from "../meter.ts";
import { compileRegex } from "../regex.ts";
import type { Run } from "../run/run.ts";
import type { TriggerDefinition, TriggerGroup } from "../tree/trigger-schema.ts";
import type { EngineEvent } from "../types.ts";
import { containsWord, foldText, toComposed } from "./fold-text.ts";

/** Whether a trigger or a node matched, and which or why not in a few words. */
export interface Verdict {
  readonly matched: boolean;
  readonly why: string;
}

/** A compiled trigger. A regular expression that matches sets `event.match` of the run. */
export type CompiledTrigger = (run: Run) => Verdict;

const no = (why: string): Verdict => ({ matched: false, why });
const yes = (why: string): Verdict => ({ matched: true, why });
const notText = no("not a text");
const notPayload = no("not a payload");

/** Compiles the groups of a node: all must hold, one trigger of each is enough. Throws EngineFault. */
export function compileTriggers(groups: readonly TriggerGroup[]): CompiledTrigger {
  const compiled = groups.map((group) => compileGroup(group.any.map(compileTrigger)));
  const [only] = compiled;
  if (only !== undefined && compiled.length === 1) return only;
  if (compiled.length === 0) return () => no("no trigger");
  return (run) => {
    const reasons: string[] = [];
    for (const group of compiled) {
      const verdict = group(run);
      if (!verdict.matched) return verdict;
      reasons.push(verdict.why);
    }
    return yes(reasons.join(" and "));
  };
}

function compileGroup(triggers: readonly CompiledTrigger[]): CompiledTrigger {
  return (run) => {
    let first: Verdict | undefined;
    for (const trigger of triggers) {
      const verdict = trigger(run);
      if (verdict.matched) return verdict;
      first ??= verdict;
    }
    return first ?? no("no trigger");
  };
}

function compileTrigger(trigger: TriggerDefinition): CompiledTrigger {
  switch (trigger.type) {
    case "keywords":
      return compileKeywords(trigger);
    case "payload":
      return compilePayload(trigger.payloads);
    case "any":
      return compileAny(trigger.of);
    case "regex":
      return compileRegexTrigger(trigger);
    case "event":
      return compileEvent(trigger.eventTypes);
    case "condition":
      return compileCondition(trigger.expression);
  }
}

function compileKeywords(trigger: TriggerDefinition & { type: "keywords" }): CompiledTrigger {
  const { caseSensitive = false, equals = false, wordBoundary = false } = trigger;
  const prepare = caseSensitive ? toComposed : foldText;
  const keywords = trigger.keywords.map((keyword) => ({ keyword, word: prepare(keyword).trim() }));
  const holds = equals
    ? (text: string, word: string): boolean => text === word
    : wordBoundary
      ? containsWord
      : (text: string, word: string): boolean => text.includes(word);
  const failed = no("no keyword found");
  const verdicts = keywords.map(({ keyword }) => yes(`keyword "${keyword}"`));
  return (run) => {
    const text = run.readText(caseSensitive);
    if (text === undefined) return notText;
    if (!equals) spend(run.meter, 1 + ((text.length * keywords.length) >> 8));
    const index = keywords.findIndex(({ word }) => holds(text, word, run.meter));
    return verdicts[index] ?? failed;
  };
}

function compilePayload(payloads: readonly string[]): CompiledTrigger {
  const known = new Set(payloads);
  const failed = no("another payload");
  return ({ event }) => {
    if (event.type !== "payload" || event.payload === undefined) return notPayload;
    return known.has(event.payload) ? yes(`payload "${event.payload}"`) : failed;
  };
}

function compileAny(kinds: readonly string[]): CompiledTrigger {
  const known = new Set(kinds);
  const failed = no("another type of event");
  return ({ event }) => (known.has("anything") || known.has(event.type) ? yes(`any ${event.type}`) : failed);
}

function compileRegexTrigger(trigger: TriggerDefinition & { type: "regex" }): CompiledTrigger {
  const compiled = compileRegex(trigger.pattern, { caseInsensitive: trigger.caseInsensitive ?? false });
  if (!compiled.ok) throw new EngineFault("engine.tree_not_valid", compiled.message);
  const matched = yes("regex matched");
  const failed = no("regex did not match");
  return (run) => {
    const text = textOf(run.event);
    if (text === undefined) return notText;
    const match = compiled.regex.find(text, run.meter);
    if (match === undefined) return failed;
    run.scope.setMatch(match);
    return matched;
  };
}

/** The text of a text event. */
export function textOf(event: EngineEvent): string | undefined {
  return event.type === "text" ? event.text : undefined;
}

function compileEvent(eventTypes: readonly string[]): CompiledTrigger {
  const known = new Set(eventTypes);
  const failed = no("another event type");
  return ({ event }) => {
    if (event.type !== "event" || event.eventType === undefined) return failed;
    return known.has(event.eventType) ? yes(`event "${event.eventType}"`) : failed;
  };
}

/** Compiles a condition. What cannot be computed, such as a missing key, counts as "no" and is named. */
export function compileCondition(source: string): CompiledTrigger {
  const parsed = parseExpression(source, "bool");
  if (!parsed.ok) throw new EngineFault("engine.tree_not_valid", parsed.message);
  const { expression } = parsed;
  const matched = yes("condition holds");
  const failed = no("condition does not hold");
  return (run) => {
    try {
      const value = expression.evaluate(run.scope, run.meter);
      if (typeof value === "boolean") return value ? matched : failed;
      return no("condition did not give true or false");
    } catch (thrown) {
      if (thrown instanceof ExpressionError) return no(`condition has no value: ${thrown.message}`);
      throw thrown;
    }
  };
}
