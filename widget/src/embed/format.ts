// Times, days and sizes in the visitor's language. Formatters are dear to make, so each is made once a locale.

const made: Record<string, Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.NumberFormat> = {};

function once<T extends Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.NumberFormat>(
  key: string,
  make: () => T,
): T {
  made[key] ??= make();
  return made[key] as T;
}

/** Hour and minute. */
export function formatTime(locale: string, at: number): string {
  return once(`time ${locale}`, () => new Intl.DateTimeFormat(locale, { timeStyle: "short" })).format(at);
}

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** Whether two moments are of one day, where the visitor is. */
export function isSameDay(one: number, other: number): boolean {
  return startOfDay(one) === startOfDay(other);
}

/** `today`, `yesterday` or the date. */
export function formatDay(locale: string, at: number, now: number): string {
  const days = Math.round((startOfDay(at) - startOfDay(now)) / 86_400_000);
  if (days === 0 || days === -1) {
    const words = once(`day ${locale}`, () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" })).format(
      days,
      "day",
    );
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
  }
  const make = () => new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  return once(`date ${locale}`, make).format(at);
}

/** Kilobytes or megabytes. */
export function formatBytes(locale: string, bytes: number): string {
  const unit = bytes < 1e6 ? "kilobyte" : "megabyte";
  const make = () => new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 });
  return once(`${unit} ${locale}`, make).format(bytes < 1e6 ? Math.max(1, Math.round(bytes / 1e3)) : bytes / 1e6);
}
