// The filters a template may use; there are no others. All are pure, read no clock and draw nothing at random,
// and pay for the text they make through the render's memory limit.

import { filters as builtIn, type Liquid } from "liquidjs";
import { toDateMs } from "./dates.ts";

const builtInNames = [
  "default",
  "upcase",
  "downcase",
  "capitalize",
  "strip",
  "truncate",
  "size",
  "first",
  "last",
  "join",
  "split",
  "plus",
  "minus",
  "times",
  "divided_by",
  "round",
  "escape",
  "url_encode",
  "append",
  "prepend",
] as const;

/** What a filter sees of the render it runs in. */
interface FilterSelf {
  readonly context: { readonly memoryLimit: { use(amount: number): void }; getSync(path: string[]): unknown };
}

/** Text as a template shows it: nothing for nothing, JSON for lists and maps. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (typeof value === "boolean") return String(value);
  return JSON.stringify(value) ?? "";
}

function replace(this: FilterSelf, ...args: unknown[]): string {
  const [text = "", from = "", to = ""] = args.map(toText);
  if (from === "") return text;
  const count = text.split(from).length - 1;
  this.context.memoryLimit.use(text.length + count * to.length);
  return text.split(from).join(to);
}

function json(this: FilterSelf, value: unknown): string {
  const text = JSON.stringify(value ?? null) ?? "null";
  this.context.memoryLimit.use(text.length);
  return text;
}

/** Keeps only the listed filters on an engine. */
export function installFilters(liquid: Liquid): void {
  for (const name of Object.keys(liquid.filters)) liquid.unregisterFilter(name);
  for (const name of builtInNames) {
    const filter = builtIn[name];
    if (filter !== undefined) liquid.registerFilter(name, filter);
  }
  liquid.registerFilter("replace", replace);
  liquid.registerFilter("json", json);
  liquid.registerFilter("date", date);
}

function date(this: FilterSelf, ...[value, format, zone]: unknown[]): unknown {
  const nowMs = Date.parse(toText(this.context.getSync(["now"])));
  const ms = toDateMs(value, nowMs);
  if (ms === undefined) return toText(value);
  const run = builtIn["date"] as (this: unknown, ...args: unknown[]) => unknown;
  const shape = format === undefined ? "%Y-%m-%d %H:%M" : toText(format).slice(0, 100);
  return run.call(this, new Date(ms).toISOString(), shape, ...(zone === undefined ? [] : [zone]));
}
