// Times and names as words. Times are written out in UTC, because a letter does not know where it is read.

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

/** `Monday 2 January 2026`, in UTC. */
export function toDayWords(atMs: number): string {
  const at = new Date(atMs);
  return `${days[at.getUTCDay()]} ${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

/** `Monday 2 January 2026, 03:04 Coordinated Universal Time (UTC)`. */
export function toTimeWords(atMs: number): string {
  const at = new Date(atMs);
  return `${toDayWords(atMs)}, ${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())} Coordinated Universal Time (UTC)`;
}

const units: readonly (readonly [string, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** The time in its largest whole unit, rounded down, never less than a minute: `7 days`, `30 minutes`, `1 hour`. */
export function toSpanWords(spanMs: number): string {
  const [unit, unitMs] = units.find(([, oneMs]) => spanMs >= oneMs) ?? ["minute", 60_000];
  const count = Math.max(1, Math.floor(spanMs / unitMs));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `a, b and c`. */
export function toListWords(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
