// Calls inside an expression: functions, methods, macros, `has` and `matches`. What is not listed is refused.

import type { ASTNode } from "@marcbachmann/cel-js";
import { compileRegex } from "../regex.ts";
import type { Evaluate } from "./frame.ts";
import { globalFunctions, methods } from "./functions.ts";
import { macros } from "./macros.ts";
import { Refusal } from "./refusal.ts";
import { ExpressionError, isCelMap, toFailure, typeName } from "./values.ts";

/** A call to compile; `compile` compiles a part, with the variables the call itself binds. */
export interface CallSite {
  readonly node: ASTNode;
  readonly name: string;
  readonly args: readonly ASTNode[];
  readonly compile: (part: ASTNode, ownVariables?: readonly string[]) => Evaluate;
}

/** Compiles `name(args)`. Throws Refusal for a function that does not exist here. */
export function compileCall(site: CallSite): Evaluate {
  if (site.name === "has") return compileHas(site);
  const run = globalFunctions.get(site.name);
  if (run === undefined) throw new Refusal(`the function ${site.name}() is not available`, site.node);
  const args = site.args.map((arg) => site.compile(arg));
  return (frame) =>
    run(
      args.map((arg) => arg(frame)),
      frame.meter,
    );
}

/** Compiles `receiver.name(args)`. Throws Refusal for a method that does not exist here. */
export function compileMethod(receiverNode: ASTNode, site: CallSite): Evaluate {
  const macro = macros.get(`${site.name}:${site.args.length}`);
  const receiver = site.compile(receiverNode);
  if (macro !== undefined) {
    const [variable, ...steps] = site.args;
    if (variable?.op !== "id") throw new Refusal(`${site.name}() needs a variable name first`, site.node);
    return macro(
      receiver,
      steps.map((step) => site.compile(step, [variable.args])),
    );
  }
  if (site.name === "matches") return compileMatches(receiver, site);
  const run = methods.get(site.name);
  if (run === undefined) throw new Refusal(`the function ${site.name}() is not available`, site.node);
  const args = [receiver, ...site.args.map((arg) => site.compile(arg))];
  return (frame) =>
    run(
      args.map((arg) => arg(frame)),
      frame.meter,
    );
}

/** `has(a.b.c)`: whether the key is there; a missing parent counts as "no". */
function compileHas(site: CallSite): Evaluate {
  const [selection] = site.args;
  if (selection?.op !== ".") throw new Refusal("has() needs a field, like has(event.text)", site.node);
  const [targetNode, key] = selection.args;
  const target = site.compile(targetNode);
  return (frame) => {
    try {
      const value = target(frame);
      return isCelMap(value) && Object.hasOwn(value, key) && value[key] !== undefined;
    } catch (thrown) {
      toFailure(thrown, frame.meter);
      return false;
    }
  };
}

/** `x.matches("pattern")`: the pattern is a literal, so it is compiled once and checked when the tree is saved. */
function compileMatches(receiver: Evaluate, site: CallSite): Evaluate {
  const [pattern] = site.args;
  if (pattern?.op !== "value" || typeof pattern.args !== "string") {
    throw new Refusal("matches() needs a literal pattern", site.node);
  }
  const compiled = compileRegex(pattern.args, { caseInsensitive: false });
  if (!compiled.ok) throw new Refusal(compiled.message, pattern);
  return (frame) => {
    const text = receiver(frame);
    if (typeof text !== "string") throw new ExpressionError(`matches() cannot take ${typeName(text)}`);
    return compiled.regex.test(text, frame.meter);
  };
}
