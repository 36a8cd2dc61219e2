// How the enumeration suite asks about people who exist and people who do not: in random order, one request at a time,
// each from a network of its own; and what it compares of the answers.

import { randomBytes, randomInt } from "node:crypto";
import { type Resident, toNewAddress } from "./house.ts";
import { type Heard, toAddress } from "./http.ts";
import { compareRanks, findNoticedDelay } from "./rank-test.ts";

/** Somebody, or nobody. */
export type Subject = Resident;

export interface Flow {
  readonly name: string;
  /** Asks about somebody; `index` never comes twice. */
  readonly ask: (subject: Subject, index: number) => Promise<Heard>;
  /** Time for what an answer leaves to be done, so that it does not lie in the time of the next one. */
  readonly restMs: number;
}

export interface Series {
  readonly known: number[];
  readonly unknown: number[];
  /** Every answer a stranger could tell from another one. */
  readonly seen: Set<string>;
}

/** Another network for every request: budgets are for other suites, and a refusal for too many tries would hide the rest. */
export function fromElsewhere(index: number): Record<string, string> {
  return { "x-forwarded-for": toAddress(index), "sec-fetch-site": "same-origin" };
}

/** What differs between any two answers: the moment, the request's name, what is left of a limit. */
const ownHeaders = new Set(["date", "x-request-id", "ratelimit-remaining", "ratelimit-reset"]);

/** Values that are drawn or typed, by their shape. */
function toShape(text: string): string {
  return text
    .replace(/"requestId":"[^"]*"/, '"requestId":""')
    .replaceAll(/\b([a-z]{3})_[0-9a-f]{32}\b/g, "$1_")
    .replaceAll(/[a-z]+-[0-9a-f]{16}@example\.org/g, "<address>")
    .replaceAll(/[A-Za-z0-9_-]{22,}(?:\.[A-Za-z0-9+/]{43}=)?/g, (random) => `<${random.length}>`);
}

/** What a stranger sees of an answer. Of what is drawn for it the shape, not the value. */
export function toSeen(heard: Heard): string {
  const headers = heard.headers
    .filter(([name]) => !ownHeaders.has(name))
    .map(
      ([name, value]) =>
        `${name}: ${name === "set-cookie" || name.startsWith("content-security") ? toShape(value) : value}`,
    );
  return [heard.status, ...headers, "", toShape(heard.text)].join("\n");
}

/** Nobody, spelt like somebody. */
export function toNobody({ email }: Subject): Subject {
  return { userId: `usr_${randomBytes(16).toString("hex")}`, email: toNewAddress(email.split("-")[0] ?? "") };
}

function shuffle<T>(items: T[]): T[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1);
    [items[index], items[other]] = [items[other] as T, items[index] as T];
  }
  return items;
}

let asked = 0;

/** Asks once about each of the people, and as often about nobody. */
export async function measure({ ask, restMs }: Flow, people: readonly Subject[]): Promise<Series> {
  const series: Series = { known: [], unknown: [], seen: new Set() };
  const order = shuffle(
    people.flatMap((one) => [
      { subject: one, isKnown: true },
      { subject: toNobody(one), isKnown: false },
    ]),
  );
  for (const { subject, isKnown } of order) {
    asked += 1;
    const heard = await ask(subject, asked);
    series[isKnown ? "known" : "unknown"].push(heard.ms);
    series.seen.add(toSeen(heard));
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
  return series;
}

export function toMedian(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

export interface Verdict {
  readonly p: number;
  /** A delay of so many milliseconds would have been noticed. */
  readonly noticedMs: number;
  readonly line: string;
}

/** What the times say at a level. */
export function judgeTimes(name: string, { known, unknown }: Series, level: number): Verdict {
  const { p } = compareRanks(known, unknown);
  const noticedMs = findNoticedDelay(known, unknown, level);
  const medians = `medians ${toMedian(known).toFixed(2)} and ${toMedian(unknown).toFixed(2)} ms`;
  const sizes = `${known.length} known v ${unknown.length} unknown`;
  return {
    p,
    noticedMs,
    line: `${name}: ${sizes}, ${medians}, p = ${p.toPrecision(3)}; would notice ${noticedMs} ms\n`,
  };
}
