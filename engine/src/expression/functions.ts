// The functions an expression may call; there are no others. Each is total over the types it names, fails with
// an ExpressionError otherwise, and pays for the text it reads or makes.

import { type Meter, spend } from "../meter.ts";
import { toInt64 } from "./operators.ts";
import { durationParts, parseDuration, parseTimestamp, timeParts, toWallClock } from "./time.ts";
import { CelDuration, CelTime, type CelValue, ExpressionError, isCelList, isCelMap, typeName } from "./values.ts";

/** A function; for a method the receiver is the first argument. */
export type CelFunction = (args: readonly CelValue[], meter: Meter) => CelValue;

function wrongType(name: string, value: CelValue): ExpressionError {
  return new ExpressionError(`${name} cannot take ${typeName(value)}`);
}

function size([value = null]: readonly CelValue[], meter: Meter): CelValue {
  if (typeof value === "string") {
    spend(meter, value.length >> 2);
    let count = 0n;
    for (const _character of value) count += 1n;
    return count;
  }
  if (isCelList(value)) return BigInt(value.length);
  if (isCelMap(value)) return BigInt(Object.keys(value).length);
  throw wrongType("size()", value);
}

function toInt([value = null]: readonly CelValue[]): CelValue {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) return toInt64(BigInt(Math.trunc(value)));
  if (typeof value === "string" && /^[+-]?\d{1,19}$/.test(value)) return toInt64(BigInt(value.replace(/^\+/, "")));
  if (value instanceof CelTime) return BigInt(Math.floor(value.ms / 1000));
  throw wrongType("int()", value);
}

function toDouble([value = null]: readonly CelValue[]): CelValue {
  if (typeof value === "bigint" || typeof value === "number") return Number(value);
  if (typeof value === "string" && /^[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/.test(value))
    return Number(value);
  throw wrongType("double()", value);
}

function toText([value = null]: readonly CelValue[]): CelValue {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof CelTime) return new Date(value.ms).toISOString();
  if (value instanceof CelDuration) return `${value.ms / 1000}s`;
  throw wrongType("string()", value);
}

function toBool([value = null]: readonly CelValue[]): CelValue {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw wrongType("bool()", value);
}

function toTimestamp([value = null]: readonly CelValue[]): CelValue {
  if (value instanceof CelTime) return value;
  if (typeof value === "string") return parseTimestamp(value);
  if (typeof value === "bigint" || typeof value === "number") return new CelTime(Number(value) * 1000);
  throw wrongType("timestamp()", value);
}

function toDuration([value = null]: readonly CelValue[]): CelValue {
  if (value instanceof CelDuration) return value;
  if (typeof value === "string") return parseDuration(value);
  throw wrongType("duration()", value);
}

function ofStrings(name: string, run: (a: string, b: string) => CelValue): CelFunction {
  return ([a = null, b = ""], meter) => {
    if (typeof a !== "string") throw wrongType(name, a);
    if (typeof b !== "string") throw wrongType(name, b);
    spend(meter, (a.length + b.length) >> 4);
    return run(a, b);
  };
}

function substring([text = null, from = 0n, to]: readonly CelValue[], meter: Meter): CelValue {
  if (typeof text !== "string") throw wrongType("substring()", text);
  spend(meter, text.length >> 4);
  const start = Number(from);
  const end = to === undefined ? text.length : Number(to);
  if (!(start >= 0 && start <= end && end <= text.length)) throw new ExpressionError("substring() out of range");
  return text.substring(start, end);
}

function partOf(name: string): CelFunction {
  const readTime = timeParts.get(name);
  const divisor = durationParts.get(name);
  return ([value = null, zone], meter) => {
    if (value instanceof CelTime && readTime !== undefined) {
      spend(meter, zone === undefined ? 1 : 50);
      if (zone !== undefined && typeof zone !== "string") throw wrongType(name, zone);
      return BigInt(readTime(toWallClock(value, zone)));
    }
    if (value instanceof CelDuration && divisor !== undefined) return BigInt(Math.trunc(value.ms / divisor));
    throw wrongType(`${name}()`, value);
  };
}

/** Functions called by name: `size(x)`. */
export const globalFunctions: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["size", size],
  ["int", toInt],
  ["double", toDouble],
  ["string", toText],
  ["bool", toBool],
  ["timestamp", toTimestamp],
  ["duration", toDuration],
]);

/** Functions called on a value: `x.startsWith("a")`. */
export const methods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["size", size],
  ["startsWith", ofStrings("startsWith()", (a, b) => a.startsWith(b))],
  ["endsWith", ofStrings("endsWith()", (a, b) => a.endsWith(b))],
  ["contains", ofStrings("contains()", (a, b) => a.includes(b))],
  ["lowerAscii", ofStrings("lowerAscii()", (a) => a.replace(/[A-Z]+/g, (run) => run.toLowerCase()))],
  ["upperAscii", ofStrings("upperAscii()", (a) => a.replace(/[a-z]+/g, (run) => run.toUpperCase()))],
  ["trim", ofStrings("trim()", (a) => a.trim())],
  ["substring", substring],
  ...[...timeParts.keys()].map((name): [string, CelFunction] => [name, partOf(name)]),
]);
