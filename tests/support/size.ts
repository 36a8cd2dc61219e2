// How much of a long suite runs: a sample in `npm test`, all of it with `npm run suite`.

/** True when the suite was asked for by name. */
export const isWhole = process.env.PARLEY_SUITE === "whole";

/** The size for this run. */
export function sized(whole: number, sample: number): number {
  return isWhole ? whole : sample;
}
