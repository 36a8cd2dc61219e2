// What an expression computes with, and what can go wrong in one. Integers written in an expression are bigint
// and 64-bit; numbers from JSON are doubles; mixing them is allowed and gives a double.

import { EngineFault } from "../fault.ts";
import { toSafeJson } from "../json.ts";
import type { Meter } from "../meter.ts";
import { spend } from "../meter.ts";
import type { JsonValue } from "../types.ts";

/** A point in time. */
export class CelTime {
  readonly ms: number;
  constructor(ms: number) {
    if (!(ms >= -62_135_596_800_000 && ms <= 253_402_300_799_999)) throw new ExpressionError("time out of range");
    this.ms = ms;
  }
}

/** A length of time. */
export class CelDuration {
  readonly ms: number;
  constructor(ms: number) {
    if (!(Math.abs(ms) <= 315_576_000_000_000)) throw new ExpressionError("duration out of range");
    this.ms = ms;
  }
}

/** Every value an expression can hold. */
export type CelValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | CelTime
  | CelDuration
  | readonly CelValue[]
  | { readonly [key: string]: CelValue };

/** A failure while evaluating, such as a missing key. A condition that fails this way does not match. */
export class ExpressionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ExpressionError";
  }
}

const failureCost = 50;

/** A failure that an operator absorbs, paid for since making one is dear. Rethrows anything else. */
export function toFailure(thrown: unknown, meter: Meter): ExpressionError {
  if (!(thrown instanceof ExpressionError)) throw thrown;
  spend(meter, failureCost);
  return thrown;
}

/** Whether a value is a map. */
export function isCelMap(value: CelValue | undefined): value is { readonly [key: string]: CelValue } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof CelTime) &&
    !(value instanceof CelDuration)
  );
}

/** Whether a value is a list. */
export function isCelList(value: CelValue | undefined): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** The name of a value's type, for messages. */
export function typeName(value: CelValue): string {
  if (value === null) return "null";
  if (isCelList(value)) return "list";
  if (value instanceof CelTime) return "timestamp";
  if (value instanceof CelDuration) return "duration";
  const names: { [type: string]: string } = { bigint: "int", number: "double", boolean: "bool", object: "map" };
  return names[typeof value] ?? typeof value;
}

/** The value under a key of a map. Throws ExpressionError when there is none. */
export function readKey(value: CelValue, key: string): CelValue {
  if (!isCelMap(value)) throw new ExpressionError(`cannot read "${key}" of ${typeName(value)}`);
  const found = Object.hasOwn(value, key) ? value[key] : undefined;
  if (found === undefined) throw new ExpressionError(`no such key: ${key}`);
  return found;
}

/** Deep equality; numbers compare by value whatever their type. Pays one step for each part compared. */
export function isEqual(a: CelValue, b: CelValue, meter: Meter): boolean {
  spend(meter, 1);
  if (a === b) return true;
  if (typeof a === "bigint" || typeof a === "number") {
    return (typeof b === "bigint" || typeof b === "number") && Number(a) === Number(b) && isSameInteger(a, b);
  }
  if (typeof a === "string" && typeof b === "string") {
    spend(meter, a.length >> 6);
    return false;
  }
  if (a instanceof CelTime) return b instanceof CelTime && a.ms === b.ms;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.ms === b.ms;
  if (isCelList(a)) return isCelList(b) && a.length === b.length && a.every((x, i) => isEqual(x, b[i] ?? null, meter));
  return isCelMap(a) && isCelMap(b) && isSameMap(a, b, meter);
}

function isSameInteger(a: bigint | number, b: bigint | number): boolean {
  return typeof a === typeof b ? a === b : true;
}

function isSameMap(
  a: { readonly [key: string]: CelValue },
  b: { readonly [key: string]: CelValue },
  meter: Meter,
): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key] ?? null, b[key] ?? null, meter));
}

/** The result of an expression as JSON. Throws ExpressionError for what JSON cannot carry exactly. */
export function toJsonResult(value: CelValue): JsonValue {
  try {
    return toSafeJson(toPlain(value, 0));
  } catch (thrown) {
    if (thrown instanceof EngineFault) throw new ExpressionError(thrown.message);
    throw thrown;
  }
}

function toPlain(value: CelValue, depth: number): unknown {
  if (depth > 40) throw new ExpressionError("the result is nested too deeply");
  if (typeof value === "bigint") {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new ExpressionError("the integer is too large for JSON");
    return number;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new ExpressionError("the result is not a number");
  if (value instanceof CelTime) return new Date(value.ms).toISOString();
  if (value instanceof CelDuration) return value.ms / 1000;
  if (isCelList(value)) return value.map((item) => toPlain(item, depth + 1));
  if (!isCelMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item, depth + 1)]));
}
