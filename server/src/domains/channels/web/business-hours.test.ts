import { describe, expect, it } from "vitest";
import { BusinessHours, isOffHours } from "./business-hours.ts";

const week = (timeZone: string, from = "09:00", to = "18:00"): BusinessHours => ({
  timeZone,
  weekly: [1, 2, 3, 4, 5].map((day) => ({ day, from, to })),
});
const isOpen = (hours: BusinessHours | undefined, at: string): boolean => !isOffHours(hours, Date.parse(at));

describe("business hours", () => {
  it("without any, somebody is always there; with an empty week, nobody", () => {
    expect(isOpen(undefined, "2026-01-01T03:00:00Z")).toBe(true);
    expect(isOpen({ timeZone: "UTC", weekly: [] }, "2026-01-01T12:00:00Z")).toBe(false);
  });

  it.each([
    ["2026-01-05T07:59:59Z", false],
    ["2026-01-05T08:00:00Z", true],
    ["2026-01-05T16:59:59Z", true],
    ["2026-01-05T17:00:00Z", false],
    ["2026-01-04T12:00:00Z", false],
  ])("in winter Madrid at %s: %s", (at, open) => {
    expect(isOpen(week("Europe/Madrid"), at)).toBe(open);
  });

  it.each([
    ["2026-07-06T06:59:59Z", false],
    ["2026-07-06T07:00:00Z", true],
    ["2026-07-06T15:59:59Z", true],
    ["2026-07-06T16:00:00Z", false],
  ])("in summer Madrid, an hour earlier, at %s: %s", (at, open) => {
    expect(isOpen(week("Europe/Madrid"), at)).toBe(open);
  });

  it("are open once in the hour that is skipped, and twice in the one that is repeated", () => {
    const night: BusinessHours = { timeZone: "Europe/Madrid", weekly: [{ day: 7, from: "02:00", to: "03:00" }] };
    // 2026-03-29: 01:59 is followed by 03:00. 2026-10-25: 02:00 to 03:00 comes twice.
    expect(isOpen(night, "2026-03-29T00:59:59Z")).toBe(false);
    expect(isOpen(night, "2026-03-29T01:00:00Z")).toBe(false);
    for (const at of ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]) expect(isOpen(night, at)).toBe(true);
    expect(isOpen(night, "2026-10-25T02:00:00Z")).toBe(false);
  });

  it("follow the calendar of the place: its Monday has begun while ours has not", () => {
    const early: BusinessHours = { timeZone: "Pacific/Auckland", weekly: [{ day: 1, from: "00:00", to: "24:00" }] };
    expect(isOpen(early, "2026-01-04T11:00:00Z")).toBe(true);
    expect(isOpen(early, "2026-01-04T10:59:59Z")).toBe(false);
    expect(isOpen(early, "2026-01-05T10:59:59Z")).toBe(true);
  });

  it.each([
    ["no such zone", { timeZone: "Mars/Olympus", weekly: [] }],
    ["an offset", { timeZone: "+02:00", weekly: [] }],
    ["an interval backwards", week("UTC", "18:00", "09:00")],
    ["an empty interval", week("UTC", "09:00", "09:00")],
    ["an hour there is not", week("UTC", "09:00", "25:00")],
    ["another spelling", week("UTC", "9:00", "18:00")],
    ["an eighth day", { timeZone: "UTC", weekly: [{ day: 8, from: "09:00", to: "18:00" }] }],
    ["a further field", { timeZone: "UTC", weekly: [], holidays: [] }],
  ])("refuse %s", (_name, hours) => {
    expect(BusinessHours.safeParse(hours).success).toBe(false);
  });
});
