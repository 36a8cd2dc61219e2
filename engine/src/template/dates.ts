// What the `date` filter takes: a point in time in UTC, in a form that means the same on every machine. "now" and
// "today" are the event's time, never the clock's.

const isoPattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** The time in milliseconds of a filter's input: ISO 8601 (UTC when it names no offset) or seconds; else undefined. */
export function toDateMs(value: unknown, nowMs: number): number | undefined {
  if (value === "now" || value === "today") return nowMs;
  if (typeof value === "number") return inRange(value * 1000);
  if (typeof value !== "string") return undefined;
  if (/^-?\d{1,12}$/.test(value)) return inRange(Number(value) * 1000);
  const parts = isoPattern.exec(value);
  if (parts === null) return undefined;
  const hasOffset = parts[1] === undefined || parts[4] !== undefined;
  return inRange(Date.parse(hasOffset ? value : `${value}Z`));
}

function inRange(ms: number): number | undefined {
  return Math.abs(ms) <= 8_640_000_000_000_000 ? ms : undefined;
}
