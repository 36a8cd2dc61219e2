// Records what happened outside, again and again while the database is away: it did happen, and doing it anew because nobody
// could write it down would do it twice.

import { isDeterministic } from "../db/index.ts";

const firstPauseMs = 100;
const pauseMaxMs = 2_000;
const refusalsMax = 5;

export interface RecordOptions {
  readonly record: () => Promise<unknown>;
  readonly isStopping: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** Answers whether it is recorded. False when it cannot be, or when the process stops first: a successor does it again. */
export async function recordSurely(options: RecordOptions): Promise<boolean> {
  let refusals = 0;
  for (let pauseMs = firstPauseMs; refusals < refusalsMax; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
    try {
      await options.record();
      return true;
    } catch (error) {
      options.onFailure(error);
      if (isDeterministic(error)) refusals += 1;
    }
    if (options.isStopping()) return false;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return false;
}
