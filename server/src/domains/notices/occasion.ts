import { isIP } from "node:net";
import { type Name, name } from "./phrase.ts";
import { toTimeWords } from "./words.ts";

/** When and from where something was done. */
export interface Occasion {
  readonly atMs: number;
  /** In words: `Firefox on Windows`. */
  readonly device: string;
  /** In words or as an address: `203.0.113.7`. */
  readonly network: string;
}

/** The occasion as rows of a letter. */
export function toOccasionRows({ atMs, device, network }: Occasion): readonly (readonly [string, string | Name])[] {
  return [
    ["When", toTimeWords(atMs)],
    ["Device", name(device)],
    ["Network", isIP(network) === 0 ? name(network) : network],
  ];
}
