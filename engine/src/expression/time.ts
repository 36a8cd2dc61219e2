// Times and durations of expressions: RFC 3339 timestamps, durations like "1h30m", and the parts of a time in
// UTC or a named time zone. Nothing here asks what time it is.

import { CelDuration, CelTime, ExpressionError } from "./values.ts";

const timestampPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const durationPattern = /^[+-]?(\d{1,15}(\.\d{1,9})?(h|ms|us|ns|m|s))+$/;
const unitMs: { readonly [unit: string]: number } = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  ns: 0.000001,
};

/** Parses an RFC 3339 timestamp, which must name its offset. */
export function parseTimestamp(text: string): CelTime {
  const ms = timestampPattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new ExpressionError("timestamp() needs a form like 2026-01-31T09:00:00Z");
  return new CelTime(ms);
}

/** Parses a duration such as "90s", "1h30m" or "-2.5h". */
export function parseDuration(text: string): CelDuration {
  if (text.length > 100 || !durationPattern.test(text)) {
    throw new ExpressionError('duration() needs a form like "1h30m"');
  }
  let ms = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(h|ms|us|ns|m|s)/g)) {
    ms += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return new CelDuration(text.startsWith("-") ? -ms : ms);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  try {
    const made = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (formatters.size < 500) formatters.set(timeZone, made);
    return made;
  } catch {
    throw new ExpressionError(`unknown time zone ${JSON.stringify(timeZone.slice(0, 60))}`);
  }
}

/** The wall-clock reading of a time in a zone, carried by the UTC fields of a Date. */
export function toWallClock(time: CelTime, timeZone: string | undefined): Date {
  if (timeZone === undefined || timeZone === "UTC") return new Date(time.ms);
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(time.ms)
      .map((part) => [part.type, Number(part.value)]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = new Date(0);
  wall.setUTCFullYear(get("year"), get("month") - 1, get("day"));
  wall.setUTCHours(get("hour"), get("minute"), get("second"), new Date(time.ms).getUTCMilliseconds());
  return wall;
}

/** The parts of a time by the CEL name of their method. Months, days of the month and of the year count from 0. */
export const timeParts: ReadonlyMap<string, (wall: Date) => number> = new Map([
  ["getFullYear", (wall: Date) => wall.getUTCFullYear()],
  ["getMonth", (wall: Date) => wall.getUTCMonth()],
  ["getDate", (wall: Date) => wall.getUTCDate()],
  ["getDayOfMonth", (wall: Date) => wall.getUTCDate() - 1],
  ["getDayOfWeek", (wall: Date) => wall.getUTCDay()],
  ["getDayOfYear", (wall: Date) => Math.floor((wall.getTime() - Date.UTC(wall.getUTCFullYear(), 0, 1)) / 86_400_000)],
  ["getHours", (wall: Date) => wall.getUTCHours()],
  ["getMinutes", (wall: Date) => wall.getUTCMinutes()],
  ["getSeconds", (wall: Date) => wall.getUTCSeconds()],
  ["getMilliseconds", (wall: Date) => wall.getUTCMilliseconds()],
]);

/** The whole of a duration in one unit, by the CEL name of the method. */
export const durationParts: ReadonlyMap<string, number> = new Map([
  ["getHours", 3_600_000],
  ["getMinutes", 60_000],
  ["getSeconds", 1000],
  ["getMilliseconds", 1],
]);
