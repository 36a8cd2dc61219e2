// Words that others chose, and times, as they stand in our sentences.

import { type Html, html, stripControls } from "../../platform/html/index.ts";

const lengthMax = 80;

/** A name someone chose: one line, no character that steers the sentence around it, cut at 80 characters. */
export function toName(name: string): string {
  const characters = Array.from(stripControls(name).trim());
  if (characters.length <= lengthMax) return characters.join("");
  return `${characters.slice(0, lengthMax - 1).join("")}…`;
}

/** The name, apart from the sentence's direction of writing. */
export function person(name: string): Html {
  return html`<bdi>${toName(name)}</bdi>`;
}

/** The name, weighty. */
export function strongName(name: string): Html {
  return html`<strong><bdi>${toName(name)}</bdi></strong>`;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const months = "January February March April May June July August September October November December".split(" ");

function toCount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `14 August 2026`, in UTC. */
export function toDay(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ""} ${date.getUTCFullYear()}`;
}

/** `just now`, `5 minutes ago`, `3 days ago`; from a month on the day. A time ahead of the clock is `just now`. */
export function toPastWords(atMs: number, nowMs: number): string {
  const ageMs = nowMs - atMs;
  if (ageMs < minuteMs) return "just now";
  if (ageMs < hourMs) return `${toCount(Math.floor(ageMs / minuteMs), "minute")} ago`;
  if (ageMs < dayMs) return `${toCount(Math.floor(ageMs / hourMs), "hour")} ago`;
  if (ageMs < 30 * dayMs) return `${toCount(Math.floor(ageMs / dayMs), "day")} ago`;
  return toDay(atMs);
}

/** How long is left, rounded down so that nobody comes late: `3 days`, `5 hours`, `less than a minute`. */
export function toLeftWords(untilMs: number, nowMs: number): string {
  const leftMs = untilMs - nowMs;
  if (leftMs < minuteMs) return "less than a minute";
  if (leftMs < hourMs) return toCount(Math.floor(leftMs / minuteMs), "minute");
  if (leftMs < 2 * dayMs) return toCount(Math.floor(leftMs / hourMs), "hour");
  return toCount(Math.floor(leftMs / dayMs), "day");
}

/** A past time in words, with the exact one for machines. */
export function past(atMs: number, nowMs: number): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}">${toPastWords(atMs, nowMs)}</time>`;
}

/** A day, with the exact time for machines. */
export function day(atMs: number): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}">${toDay(atMs)}</time>`;
}
