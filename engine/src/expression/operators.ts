// The arithmetic and order of expressions. Integers stay within 64 bits; strings and lists that an operator
// makes are paid for by their size, so no chain of operators can grow a value beyond the event's budget.

import { type Meter, spend } from "../meter.ts";
import {
  CelDuration,
  CelTime,
  type CelValue,
  ExpressionError,
  isCelList,
  isCelMap,
  isEqual,
  typeName,
} from "./values.ts";

/** A binary operator. */
export type BinaryOperation = (left: CelValue, right: CelValue, meter: Meter) => CelValue;

const intMax = 9_223_372_036_854_775_807n;
const intMin = -9_223_372_036_854_775_808n;

/** Checks the 64-bit range of an integer. */
export function toInt64(value: bigint): bigint {
  if (value > intMax || value < intMin) throw new ExpressionError("integer overflow");
  return value;
}

function noOverload(left: CelValue, operator: string, right: CelValue): ExpressionError {
  return new ExpressionError(`cannot compute ${typeName(left)} ${operator} ${typeName(right)}`);
}

function isNumeric(value: CelValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function arithmetic(
  operator: string,
  ofInts: (a: bigint, b: bigint) => bigint,
  ofDoubles: (a: number, b: number) => number,
): BinaryOperation {
  return (left, right) => {
    if (typeof left === "bigint" && typeof right === "bigint") return toInt64(ofInts(left, right));
    if (isNumeric(left) && isNumeric(right)) return ofDoubles(Number(left), Number(right));
    throw noOverload(left, operator, right);
  };
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw new ExpressionError("division by zero");
  return value;
}

const addNumbers = arithmetic(
  "+",
  (a, b) => a + b,
  (a, b) => a + b,
);
const subtractNumbers = arithmetic(
  "-",
  (a, b) => a - b,
  (a, b) => a - b,
);

function add(left: CelValue, right: CelValue, meter: Meter): CelValue {
  if (typeof left === "string" && typeof right === "string") {
    spend(meter, (left.length + right.length) >> 4);
    return left + right;
  }
  if (isCelList(left) && isCelList(right)) {
    spend(meter, left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof CelDuration && right instanceof CelDuration) return new CelDuration(left.ms + right.ms);
  if (left instanceof CelTime && right instanceof CelDuration) return new CelTime(left.ms + right.ms);
  if (left instanceof CelDuration && right instanceof CelTime) return new CelTime(left.ms + right.ms);
  return addNumbers(left, right, meter);
}

function subtract(left: CelValue, right: CelValue, meter: Meter): CelValue {
  if (left instanceof CelTime && right instanceof CelTime) return new CelDuration(left.ms - right.ms);
  if (left instanceof CelTime && right instanceof CelDuration) return new CelTime(left.ms - right.ms);
  if (left instanceof CelDuration && right instanceof CelDuration) return new CelDuration(left.ms - right.ms);
  return subtractNumbers(left, right, meter);
}

function compare(operator: string, holds: (order: number) => boolean): BinaryOperation {
  return (left, right, meter) => {
    const order = orderOf(left, right, meter);
    if (order === undefined) throw noOverload(left, operator, right);
    return holds(order);
  };
}

function orderOf(left: CelValue, right: CelValue, meter: Meter): number | undefined {
  if (isNumeric(left) && isNumeric(right)) return left < right ? -1 : left > right ? 1 : left == right ? 0 : Number.NaN;
  if (typeof left === "string" && typeof right === "string") {
    spend(meter, Math.min(left.length, right.length) >> 6);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof CelTime && right instanceof CelTime) return left.ms - right.ms;
  if (left instanceof CelDuration && right instanceof CelDuration) return left.ms - right.ms;
  return undefined;
}

function isIn(left: CelValue, right: CelValue, meter: Meter): boolean {
  if (isCelList(right)) return right.some((item) => isEqual(left, item, meter));
  if (isCelMap(right)) return typeof left === "string" && Object.hasOwn(right, left);
  throw noOverload(left, "in", right);
}

/** Every binary operator but the two logical ones, by its sign. */
export const binaryOperations: ReadonlyMap<string, BinaryOperation> = new Map<string, BinaryOperation>([
  ["==", isEqual],
  ["!=", (left, right, meter) => !isEqual(left, right, meter)],
  ["+", add],
  ["-", subtract],
  [
    "*",
    arithmetic(
      "*",
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ],
  [
    "/",
    arithmetic(
      "/",
      (a, b) => a / nonZero(b),
      (a, b) => a / b,
    ),
  ],
  [
    "%",
    arithmetic(
      "%",
      (a, b) => a % nonZero(b),
      (a, b) => a % b,
    ),
  ],
  ["<", compare("<", (order) => order < 0)],
  ["<=", compare("<=", (order) => order <= 0)],
  [">", compare(">", (order) => order > 0)],
  [">=", compare(">=", (order) => order >= 0)],
  ["in", isIn],
]);

/** Unary minus. */
export function negate(value: CelValue): CelValue {
  if (typeof value === "bigint") return toInt64(-value);
  if (typeof value === "number") return -value;
  throw new ExpressionError(`cannot negate ${typeName(value)}`);
}
