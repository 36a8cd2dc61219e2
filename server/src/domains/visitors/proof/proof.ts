// Proof of work: whoever calls often pays with computing time before they are served. A challenge is stateless: what it is
// for is in its tag. It is solved by a text such that SHA-256(challenge + "." + solution) begins with so many zero bits.

import type { ChannelId } from "../../../kernel/ids.ts";
import { isEqualInConstantTime, sha256 } from "../../../platform/crypto/hmac.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { useNonce } from "../identity/nonce-store.ts";

/** What a caller is asked for. */
export interface Challenge {
  readonly challenge: string;
  /** Zero bits. */
  readonly difficulty: number;
}

export interface Solved {
  readonly challenge: string;
  readonly solution: string;
}

/** What a challenge is good for. It is worth nothing for another channel, page or network. */
export interface ProofPlace {
  readonly channelId: ChannelId;
  /** The origin of the page. */
  readonly site: string;
  /** From `toNetwork`. */
  readonly network: string;
  readonly nowMs: number;
}

const lifeSeconds = 120;
/** Difficulty, expiry in seconds, random bytes; then the tag. */
const bodyBytes = 1 + 4 + 11;
const tagBytes = 16;
const challengePattern = /^[A-Za-z0-9_-]{43}$/;
const solutionPattern = /^[A-Za-z0-9]{1,32}$/;

/** About 16 000 tries, some tenths of a second on a telephone. */
const difficultyMin = 14;
/** About a million. */
const difficultyMax = 20;

/**
 * How hard a challenge is: `pressure` is how many times over its soft limit a network or channel is. Twice the calls, twice
 * the work.
 */
export function toDifficulty(pressure: number): number {
  const doublings = Math.floor(Math.log2(Math.max(1, pressure)));
  return Math.min(difficultyMax, difficultyMin + doublings);
}

function toTag(sealer: Sealer, body: Buffer, { channelId, site, network }: ProofPlace): Buffer {
  // SECURITY: the app's index key, in a name of its own; JSON keeps the parts apart.
  return sealer.blindIndex(
    "visitor_proofs",
    "challenge",
    JSON.stringify([body.toString("hex"), channelId, site, network]),
  );
}

/** Makes a challenge, good for two minutes. Nothing is stored. */
export function issueProof(sealer: Sealer, place: ProofPlace, difficulty: number): Challenge {
  const body = Buffer.alloc(bodyBytes);
  body.writeUInt8(difficulty, 0);
  body.writeUInt32BE(Math.floor(place.nowMs / 1000) + lifeSeconds, 1);
  drawBytes(bodyBytes - 5).copy(body, 5);
  return { challenge: Buffer.concat([body, toTag(sealer, body, place)]).toString("base64url"), difficulty };
}

/** Answers whether a hash begins with so many zero bits. */
export function hasZeroBits(hash: Buffer, bits: number): boolean {
  const bytes = Math.floor(bits / 8);
  for (let index = 0; index < bytes; index += 1) if (hash[index] !== 0) return false;
  return (hash[bytes] ?? 0) >> (8 - (bits % 8)) === 0;
}

/** Answers whether a challenge of ours was solved for this place in time; nothing about whether it was used before. */
export function isSolved(sealer: Sealer, { challenge, solution }: Solved, place: ProofPlace): boolean {
  if (!challengePattern.test(challenge) || !solutionPattern.test(solution)) return false;
  const bytes = Buffer.from(challenge, "base64url");
  // Of several spellings of the same bytes only one is the challenge, so that using it up means something.
  if (bytes.length !== bodyBytes + tagBytes || bytes.toString("base64url") !== challenge) return false;
  const body = bytes.subarray(0, bodyBytes);
  if (!isEqualInConstantTime(bytes.subarray(bodyBytes), toTag(sealer, body, place))) return false;
  if (body.readUInt32BE(1) * 1000 <= place.nowMs) return false;
  return hasZeroBits(sha256(`${challenge}.${solution}`), body.readUInt8(0));
}

/**
 * Answers whether a challenge was solved, and uses it up. Only a solved one costs a statement.
 * SECURITY: of parallel uses of one solution exactly one counts.
 */
export async function checkProof(
  tx: TenantTx,
  sealer: Sealer,
  { proof, place }: { readonly proof: Solved; readonly place: ProofPlace },
): Promise<boolean> {
  if (!isSolved(sealer, proof, place)) return false;
  const { channelId, nowMs } = place;
  const index = sealer.blindIndex("visitor_nonces", "nonce", `proof ${channelId} ${proof.challenge}`);
  return useNonce(tx, { channelId, index, expiresAtMs: nowMs + lifeSeconds * 1000 });
}
