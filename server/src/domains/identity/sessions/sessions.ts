// Sessions: the one function that issues them, and the one that recognises them. A session is an opaque token of 256
// random bits in a cookie; signing in, stepping up and a change of rights each come with another token.

import type { SessionId, UserId } from "../../../kernel/ids.ts";
import { fromUuid, toUuid } from "../../../kernel/ids.ts";
import type { Origin } from "../../../kernel/operation.ts";
import { Secret } from "../../../kernel/secret.ts";
import { sha256 } from "../../../platform/crypto/hmac.ts";
import { drawBytes, newId } from "../../../platform/crypto/random.ts";
import type { Database, UserTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import {
  findLiveSession,
  findSessionSql,
  insertSession,
  type LiveSession,
  listLiveSessionsSql,
  replaceSessionToken,
  touchSession,
} from "./store.ts";

/** How a person proved who they are. */
export type SignInMethod = "password" | "totp" | "passkey" | "recovery_code" | "setup" | "invitation";

/** How long sessions of a person may last: the strictest of their organisations' policies. */
export interface SessionLimits {
  readonly idleMinutes: number;
  readonly hours: number;
}

/** A second factor counts as just shown for this long. */
export const stepUpSecondsMax = 600;

const tokenBytes = 32;

function drawToken(): { token: Secret<string>; hash: Buffer } {
  const token = drawBytes(tokenBytes).toString("base64url");
  return { token: new Secret(token), hash: sha256(token) };
}

/** The place of a sealed column of a session. */
export function toSessionField(sessionId: SessionId, column: "device" | "network"): Parameters<Sealer["seal"]>[0] {
  return { table: "sessions", column, row: toUuid(sessionId) };
}

export interface NewSession {
  readonly methods: readonly SignInMethod[];
  /** True when a second factor or a passkey was shown just now. A recovery code never counts. */
  readonly isSteppedUp: boolean;
  readonly limits: SessionLimits;
  readonly origin: Origin;
  readonly sealer: Sealer;
  /** Words for the list of sessions: `Firefox on Windows`, `192.0.2.0/24`. */
  readonly device: string;
  readonly network: string;
}

/**
 * Issues a session for the transaction's person.
 * SECURITY: the only function that does; every way to sign in goes through it.
 */
export async function issueSession(
  tx: UserTx,
  session: NewSession,
): Promise<{ sessionId: SessionId; token: Secret<string> }> {
  const { token, hash } = drawToken();
  const sessionId = newId("session");
  const { methods, isSteppedUp, limits, sealer } = session;
  await insertSession(tx, {
    sessionId,
    hash,
    methods,
    isSteppedUp,
    idleSeconds: limits.idleMinutes * 60,
    lifetimeSeconds: limits.hours * 3600,
    device: sealer.seal(toSessionField(sessionId, "device"), session.device),
    network: sealer.seal(toSessionField(sessionId, "network"), session.network),
  });
  return { sessionId, token };
}

/** Notes a second factor on a living session and gives it another token. Undefined when it has ended meanwhile. */
export async function stepUpSession(
  tx: UserTx,
  sessionId: SessionId,
  methods: readonly SignInMethod[],
): Promise<Secret<string> | undefined> {
  const { token, hash } = drawToken();
  return (await replaceSessionToken(tx, sessionId, { hash, methods })) ? token : undefined;
}

const spelling = /^[A-Za-z0-9_-]{43}$/;

/** The living session of a token, noting its use; undefined for anything else. Two look-ups by key. */
export async function findSession(database: Database, token: string): Promise<LiveSession | undefined> {
  if (!spelling.test(token)) return undefined;
  const hash = sha256(token);
  const place = (await database.lookUp(findSessionSql, [hash]))[0];
  if (place === undefined) return undefined;
  const userId: UserId = fromUuid("user", place.user_id);
  const sessionId = fromUuid("session", place.session_id);
  return database.withUser({ kind: "system", job: "authenticate" }, userId, async (tx) => {
    const session = await findLiveSession(tx, sessionId, hash);
    if (session !== undefined) await touchSession(tx, sessionId);
    return session;
  });
}

/** Which of these sessions live. One query for any number of them. */
export async function listLiveSessions(
  database: Pick<Database, "lookUp">,
  sessionIds: readonly SessionId[],
): Promise<ReadonlySet<SessionId>> {
  const rows = await database.lookUp(listLiveSessionsSql, [sessionIds.map(toUuid)]);
  return new Set(rows.map((row) => fromUuid("session", row.session_id)));
}
