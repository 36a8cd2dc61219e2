// Calls that the server may ask a proof of work for: sent, and sent again with the proof. The search is loaded when a server
// asks for it, which is seldom.

import type { Environment } from "./environment.ts";
import { readFields, readNumber, readText } from "./parse.ts";
import type { Puzzle } from "./proof.ts";
import type { Answer, Refusal } from "./transport.ts";

interface ProofOptions {
  readonly environment: Environment;
  readonly onProving: (isProving: boolean) => void;
}

interface Proof {
  readonly challenge: string;
  readonly solution: string;
}

/** An answer, or the word that the session is over. */
type Sent = Answer | { readonly kind: "lost" };

const proofTriesMax = 3;

function readPuzzle(refusal: Sent): Puzzle | undefined {
  if (refusal.kind !== "refused") return undefined;
  const fields = readFields(refusal.fields.proof);
  const [challenge, difficulty] = [readText(fields.challenge), readNumber(fields.difficulty)];
  return challenge === undefined || difficulty === undefined ? undefined : { challenge, difficulty };
}

async function prove(puzzle: Puzzle, { clock }: Environment, signal: AbortSignal | undefined) {
  const loaded = await import("./proof.ts").catch(() => undefined);
  return loaded?.solveProof(puzzle, clock, signal);
}

/** Sends, and again with the proof of work that is asked for. Answers the refusal when none is found. */
export async function sendProven<Outcome extends Sent>(
  send: (proof: Proof | undefined) => Promise<Outcome>,
  { environment, onProving }: ProofOptions,
  signal: AbortSignal | undefined,
): Promise<Outcome | Refusal> {
  let proof: Proof | undefined;
  for (let tries = 0; ; tries += 1) {
    const answer = await send(proof);
    const puzzle = readPuzzle(answer);
    if (puzzle === undefined || tries === proofTriesMax) return answer;
    onProving(true);
    const solution = await prove(puzzle, environment, signal).finally(() => onProving(false));
    if (solution === undefined) return signal?.aborted === true ? { kind: "unreachable" } : answer;
    proof = { challenge: puzzle.challenge, solution };
  }
}
