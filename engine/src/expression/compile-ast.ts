// Turns a checked expression into closures. Only what is named here can run: every other function, type name or
// literal kind is refused when the tree is parsed.
// SECURITY: values are read with own-property checks on objects without prototype; nothing is ever called that
// came from a value; every closure pays one step, so evaluation ends.

import type { ASTNode } from "@marcbachmann/cel-js";
import { isForbiddenKey } from "../json.ts";
import { spend } from "../meter.ts";
import { compileCall, compileMethod } from "./compile-call.ts";
import { type Evaluate, type Frame, type RootName, rootNames } from "./frame.ts";
import { toBool } from "./macros.ts";
import { binaryOperations, negate, toInt64 } from "./operators.ts";
import { Refusal } from "./refusal.ts";
import { type CelValue, ExpressionError, isCelList, readKey, toFailure } from "./values.ts";

/** Compiles a node; `locals` are the variables of the macros around it, innermost last. */
export function compileAst(node: ASTNode, locals: readonly string[]): Evaluate {
  const run = compileOperation(node, locals);
  return (frame) => {
    spend(frame.meter, 1);
    return run(frame);
  };
}

function compileOperation(node: ASTNode, locals: readonly string[]): Evaluate {
  const compile = (part: ASTNode, own: readonly string[] = []): Evaluate => compileAst(part, [...locals, ...own]);
  switch (node.op) {
    case "value":
      return compileLiteral(node, node.args);
    case "id":
      return compileName(node, node.args, locals);
    case ".":
      return compileField(compile(node.args[0]), node.args[1]);
    case "[]":
      return compileIndex(compile(node.args[0]), compile(node.args[1]));
    case "call":
      return compileCall({ node, name: node.args[0], args: node.args[1], compile });
    case "rcall":
      return compileMethod(node.args[1], { node, name: node.args[0], args: node.args[2], compile });
    case "list":
      return compileList(node.args.map((item) => compile(item)));
    case "map":
      return compileMap(node, node.args, locals);
    case "?:":
      return compileChoice(node.args.map((part) => compile(part)));
    case "&&":
    case "||":
      return compileLogical(node.op === "||", compile(node.args[0]), compile(node.args[1]));
    case "!_":
      return compileNot(compile(node.args));
    case "-_":
      return compileNegation(compile(node.args));
    default:
      return compileBinary(node, locals);
  }
}

function compileLiteral(node: ASTNode, value: unknown): Evaluate {
  if (typeof value === "bigint") {
    const int = toInt64(value);
    return () => int;
  }
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return () => value;
  }
  throw new Refusal("unsigned integers and bytes are not supported", node);
}

function compileName(node: ASTNode, name: string, locals: readonly string[]): Evaluate {
  const index = locals.lastIndexOf(name);
  if (index >= 0) return compileLocal(locals.length - 1 - index);
  const root = rootNames.find((known) => known === name);
  if (root === undefined) throw new Refusal(`Unknown variable: ${name}`, node);
  return compileRoot(root);
}

function compileRoot(root: RootName): Evaluate {
  return (frame) => {
    const value = frame.roots.readRoot(root);
    if (value === undefined) throw new ExpressionError(`no value: ${root}`);
    return value;
  };
}

function compileLocal(levels: number): Evaluate {
  return (frame) => {
    let holder: Frame | undefined = frame;
    for (let level = 0; level < levels; level += 1) holder = holder?.parent;
    return holder?.value ?? null;
  };
}

function compileField(target: Evaluate, key: string): Evaluate {
  return (frame) => readKey(target(frame), key);
}

function compileIndex(target: Evaluate, index: Evaluate): Evaluate {
  return (frame) => {
    const value = target(frame);
    const key = index(frame);
    if (typeof key === "string") return readKey(value, key);
    const found = isCelList(value) && typeof key !== "boolean" ? value[Number(key)] : undefined;
    if (found === undefined) throw new ExpressionError("no such element");
    return found;
  };
}

function compileList(items: readonly Evaluate[]): Evaluate {
  return (frame) => items.map((item) => item(frame));
}

function compileMap(node: ASTNode, entries: readonly [ASTNode, ASTNode][], locals: readonly string[]): Evaluate {
  const compiled = entries.map(([key, value]): [string, Evaluate] => {
    if (key.op !== "value" || typeof key.args !== "string") throw new Refusal("a map's keys are literal strings", key);
    if (isForbiddenKey(key.args)) throw new Refusal(`the key "${key.args}" is not allowed`, node);
    return [key.args, compileAst(value, locals)];
  });
  return (frame) => {
    const result: { [key: string]: CelValue } = Object.create(null);
    for (const [key, value] of compiled) result[key] = value(frame);
    return result;
  };
}

function compileChoice([condition, whenTrue, whenFalse]: readonly Evaluate[]): Evaluate {
  return (frame) => {
    const chosen = condition !== undefined && toBool(condition(frame)) ? whenTrue : whenFalse;
    return chosen === undefined ? null : chosen(frame);
  };
}

/** An error on one side does not count when the other side decides (CEL specification, "Logical operators"). */
function compileLogical(decisive: boolean, left: Evaluate, right: Evaluate): Evaluate {
  return (frame) => {
    let failure: ExpressionError | undefined;
    try {
      if (toBool(left(frame)) === decisive) return decisive;
    } catch (thrown) {
      failure = toFailure(thrown, frame.meter);
    }
    if (toBool(right(frame)) === decisive) return decisive;
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function compileNot(operand: Evaluate): Evaluate {
  return (frame) => !toBool(operand(frame));
}

function compileNegation(operand: Evaluate): Evaluate {
  return (frame) => negate(operand(frame));
}

function compileBinary(node: ASTNode, locals: readonly string[]): Evaluate {
  const operation = binaryOperations.get(node.op);
  if (operation === undefined || !Array.isArray(node.args)) throw new Refusal(`"${node.op}" is not supported`, node);
  const [left, right] = (node.args as [ASTNode, ASTNode]).map((side) => compileAst(side, locals));
  if (left === undefined || right === undefined) throw new Refusal("an operand is missing", node);
  return (frame) => operation(left(frame), right(frame), frame.meter);
}
