// Carries out a call with an Idempotency-Key at most once in 24 hours.
//
// The kept request is written in the transaction of the work, under a lock on the key: a crash leaves both or neither, and
// of many requests with one key one runs, the others are told so or given its answer. A request that fails before the
// commit leaves nothing, so its key is free again. Work that answers after the commit is kept without an answer first.

import type { Field, Sealer } from "../../domains/keys/index.ts";
import { AppError } from "../../kernel/errors.ts";
import { AfterCommit, type Reply } from "../../kernel/operation.ts";
import { sha256 } from "../../platform/crypto/hmac.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { type Answer, type Call, type Means, tenantOf } from "../call.ts";
import { apiErrors } from "../errors.ts";
import { finish, type Outcome, performIn } from "../perform.ts";
import { toCanonicalJson } from "./canonical.ts";
import {
  completeRequest,
  findKept,
  freeKey,
  type KeptRequest,
  keepRequest,
  type RequestMarks,
  takeLock,
} from "./store.ts";

const table = "idempotency_keys";
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** After this an answer that is still awaited is given up: whoever worked on it has ended. */
const awaitedSecondsMax = 120;

/** Reads the header. Throws `api.invalid_idempotency_key` for anything but 1 to 255 printable characters. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== "string" || !keyPattern.test(header)) throw new AppError(apiErrors.invalidIdempotencyKey);
  return header;
}

/** SECURITY: a key is the caller's own; nobody is given the answer to somebody else's request. */
function toCallerId({ actor }: Call): string {
  if (actor.kind === "token") return actor.tokenId;
  if (actor.kind === "user") return actor.userId;
  throw new AppError(apiErrors.idempotencyUnsupported);
}

/** SECURITY: keyed hashes; the database holds neither the key nor anything a request could be guessed from. */
function toMarks(sealer: Sealer, call: Call, key: string): RequestMarks {
  // Of bytes their hash: two files under one name are two requests.
  const bytes = call.bytes && { bytes: sha256(call.bytes).toString("hex") };
  const request = toCanonicalJson({ operation: call.operation.name, input: call.input, ...bytes });
  return {
    keyHash: sealer.blindIndex(table, "key_hash", `${toCallerId(call)}\0${key}`),
    fingerprint: sealer.blindIndex(table, "fingerprint", request),
  };
}

function toField(marks: RequestMarks): Field {
  return { table, column: "reply", row: marks.keyHash.toString("hex") };
}

function sealReply(sealer: Sealer, marks: RequestMarks, { status, body }: Reply<unknown>): Buffer {
  return sealer.seal(toField(marks), JSON.stringify({ status, body }));
}

/** The answer of an earlier request. Throws when there is none to give. */
function toReplay(sealer: Sealer, marks: RequestMarks, kept: KeptRequest): Answer {
  if (!kept.fingerprint.equals(marks.fingerprint)) throw new AppError(apiErrors.idempotencyMismatch);
  if (kept.reply !== null) {
    const { status, body } = JSON.parse(sealer.open(toField(marks), kept.reply).toString("utf8")) as Reply<unknown>;
    return { status, body, isReplayed: true };
  }
  if (kept.ageSeconds > awaitedSecondsMax) throw new AppError(apiErrors.idempotencyAnswerLost);
  throw new AppError(apiErrors.idempotencyRunning, { retryAfterSeconds: 1 });
}

interface Once {
  readonly call: Call;
  readonly means: Means;
  readonly marks: RequestMarks;
  readonly sealer: Sealer;
}

async function runOnce(tx: TenantTx, once: Once): Promise<Answer | Outcome> {
  const { call, means, marks, sealer } = once;
  // Sent together; the second sees what was committed before the first took the lock.
  const [isLocked, kept] = await Promise.all([takeLock(tx, marks.keyHash), findKept(tx, marks.keyHash)]);
  if (!isLocked) throw new AppError(apiErrors.idempotencyRunning, { retryAfterSeconds: 1 });
  if (kept !== undefined) return toReplay(sealer, marks, kept);
  const outcome = await performIn(tx, call, means);
  const reply = outcome instanceof AfterCommit ? null : sealReply(sealer, marks, outcome);
  await keepRequest(tx, marks, reply);
  return outcome;
}

/** Keeps the answer that came after the commit; one of 500 or more frees the key. */
async function keepAnswer(once: Once, reply: Reply<unknown>): Promise<void> {
  const { call, means, marks } = once;
  // Asked for again: while the answer was awaited the sealer may have been closed.
  const sealer = await means.keychain.sealerFor(tenantOf(call), { actor: call.actor, reason: "idempotency" });
  await means.database.withTenant(call.actor, tenantOf(call), (tx) =>
    reply.status >= 500
      ? freeKey(tx, marks.keyHash)
      : completeRequest(tx, marks.keyHash, sealReply(sealer, marks, reply)),
  );
}

/** Carries out a call, or gives the answer of the earlier request with the same key. */
export async function performOnce(call: Call, key: string, means: Means): Promise<Answer> {
  const sealer = await means.keychain.sealerFor(tenantOf(call), { actor: call.actor, reason: "idempotency" });
  const once = { call, means, marks: toMarks(sealer, call, key), sealer };
  const outcome = await means.database.withTenant(call.actor, tenantOf(call), (tx) => runOnce(tx, once));
  if (!(outcome instanceof AfterCommit)) return outcome;
  const reply = await finish(call.operation, outcome);
  await keepAnswer(once, reply).catch((error: unknown) => {
    // The work is done and its answer known: the caller gets it, only a repetition will not.
    means.log.warn({ err: error, requestId: call.requestId }, "an answer could not be kept");
  });
  return reply;
}
