// When somebody is there: weekly hours in a place's own time. Pure; the zone's rules (summer time) are the runtime's.

import { z } from "zod";

const intervalsMax = 50;
const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

const Interval = z
  .strictObject({
    /** ISO 8601: 1 is Monday, 7 is Sunday. */
    day: z.int().min(1).max(7),
    from: z.string().max(5).regex(time, { error: "must be a time such as 09:00" }),
    /** `24:00` ends with the day. */
    to: z
      .string()
      .max(5)
      .refine((text) => text === "24:00" || time.test(text), { error: "must be a time such as 18:00, or 24:00" }),
  })
  .refine(({ from, to }) => from < to, {
    path: ["to"],
    error: "must be later than from; split what goes past midnight",
  });

export const BusinessHours = z.strictObject({
  timeZone: z.string().max(60).refine(isTimeZone, { error: "must be a time zone such as Europe/Madrid" }),
  weekly: z.array(Interval).max(intervalsMax),
});

export type BusinessHours = z.infer<typeof BusinessHours>;

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const formatsMax = 500;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs a hundred times using it. */
function findFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    ...{ weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  if (formats.size >= formatsMax) formats.clear();
  formats.set(timeZone, made);
  return made;
}

/** Whether nobody is there at `nowMs`. Without hours somebody always is; with none in the week, never. */
export function isOffHours(hours: BusinessHours | undefined, nowMs: number): boolean {
  if (hours === undefined) return false;
  const parts = Object.fromEntries(
    findFormat(hours.timeZone)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  );
  const day = weekdays.indexOf(parts["weekday"] ?? "") + 1;
  const at = `${parts["hour"]}:${parts["minute"]}`;
  return !hours.weekly.some((interval) => interval.day === day && interval.from <= at && at < interval.to);
}
