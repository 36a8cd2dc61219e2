// Proof of work: finds a decimal counter such that SHA-256(challenge + "." + counter) begins with `difficulty` zero bits.
// Works in slices of 8 ms so that typing and drawing go on; an attacker pays it for each visitor, a person about once.

import type { Clock } from "./environment.ts";
import { sha256 } from "./sha256.ts";

export interface Puzzle {
  readonly challenge: string;
  readonly difficulty: number;
}

const sliceMs = 8;
/** Above this no honest server asks: it would take a phone an hour. */
const difficultyMax = 26;

function isSolved(digest: Int32Array, difficulty: number): boolean {
  return Math.clz32(digest[0] as number) >= difficulty;
}

/** The solution; undefined when given up by the signal or when the puzzle is not one a visitor should solve. */
export async function solveProof(puzzle: Puzzle, clock: Clock, signal?: AbortSignal): Promise<string | undefined> {
  const { challenge, difficulty } = puzzle;
  if (!(difficulty >= 0 && difficulty <= difficultyMax) || !/^[\x21-\x7e]{1,512}$/.test(challenge)) return undefined;
  for (let counter = 0; ; ) {
    const until = clock.now() + sliceMs;
    // The clock is asked every 64 hashes: it costs as much as one.
    do {
      for (const end = counter + 64; counter < end; counter += 1) {
        if (isSolved(sha256(`${challenge}.${counter}`), difficulty)) return String(counter);
      }
    } while (clock.now() < until);
    await new Promise<void>((done) => clock.after(0, done));
    if (signal?.aborted === true) return undefined;
  }
}
