// Values as PostgreSQL reads them: text, but for bytes, which go as they are.

import type { SqlValue } from "../../kernel/tenant-tx.ts";

export type WireValue = string | Buffer | null;

/** Elements made of these need no quotes in an array; `null` does. */
const plainElement = /^[\w.:+-]+$/;
const special = /["\\]/g;

function toElement(value: SqlValue): string {
  if (value === null) return "NULL";
  if (Buffer.isBuffer(value)) return `"\\\\x${value.toString("hex")}"`;
  if (Array.isArray(value)) return toArray(value);
  const text = toText(value as Exclude<SqlValue, null | Buffer | readonly SqlValue[]>);
  if (plainElement.test(text) && text.toLowerCase() !== "null") return text;
  return `"${text.replace(special, "\\$&")}"`;
}

function toArray(values: readonly SqlValue[]): string {
  return `{${values.map(toElement).join(",")}}`;
}

function toText(value: string | number | boolean | Date): string {
  if (typeof value === "string") return value;
  return value instanceof Date ? value.toISOString() : String(value);
}

/** The value as it goes over the wire. */
export function toWireValue(value: SqlValue): WireValue {
  if (value === null || value === undefined || typeof value === "string" || Buffer.isBuffer(value))
    return value ?? null;
  if (Array.isArray(value)) return toArray(value);
  return toText(value as number | boolean | Date);
}
