// The SQL of sessions. Of a session's token only SHA-256 is stored (it holds 256 random bits).

import { fromUuid, type SessionId, toUuid, type UserId } from "../../../kernel/ids.ts";
import { systemStatement, type UserTx, userStatement } from "../../../platform/db/index.ts";
import type { SecretReader } from "../../secrets/index.ts";

/** Whose session a token is. */
export const findSessionSql = systemStatement<{ user_id: string; session_id: string }>(
  "identity.find_session",
  "select user_id, session_id from parley_find_session($1)",
);

export interface SessionToInsert {
  readonly sessionId: SessionId;
  readonly hash: Buffer;
  readonly idleSeconds: number;
  readonly lifetimeSeconds: number;
  readonly methods: readonly string[];
  readonly isSteppedUp: boolean;
  readonly device: Buffer;
  readonly network: Buffer;
}

const insertSessionSql = userStatement<never>(
  "identity.insert_session",
  `insert into sessions (user_id, session_id, hash, idle_seconds, ends_at, methods, stepped_up_at, device, network)
   values ($1, $2, $3, $4, now() + make_interval(secs => $5), $6, case when $7::boolean then now() end, $8, $9)`,
);

export async function insertSession(tx: UserTx, session: SessionToInsert): Promise<void> {
  const { sessionId, hash, idleSeconds, lifetimeSeconds, methods, isSteppedUp, device, network } = session;
  const values = [toUuid(sessionId), hash, idleSeconds, lifetimeSeconds, methods, isSteppedUp, device, network];
  await tx.query(insertSessionSql, values);
}

export interface LiveSession {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly methods: readonly string[];
  /** Seconds since a second factor was shown; undefined when none was. */
  readonly steppedUpSecondsAgo: number | undefined;
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
}

interface LiveSessionRow {
  session_id: string;
  user_id: string;
  methods: string[];
  stepped_up_seconds: number | null;
  has_totp: boolean;
  has_passkey: boolean;
}

/** SECURITY: idle, ended, expired sessions and sessions of disabled people are no sessions, checked on every request. */
const liveCondition = `s.ended_at is null and s.ends_at > now()
  and s.seen_at > now() - make_interval(secs => s.idle_seconds) and u.status = 'active'`;

const findLiveSessionSql = userStatement<LiveSessionRow>(
  "identity.find_live_session",
  `select s.session_id, s.user_id, s.methods, extract(epoch from now() - s.stepped_up_at)::float as stepped_up_seconds,
     exists (select from totp_factors t where t.user_id = $1 and t.confirmed_at is not null) as has_totp,
     exists (select from passkeys p where p.user_id = $1) as has_passkey
   from sessions s join users u on u.user_id = s.user_id
   where s.user_id = $1 and s.session_id = $2 and s.hash = $3 and ${liveCondition}`,
);

/** The session with this hash, if it lives. */
export async function findLiveSession(
  tx: UserTx,
  sessionId: SessionId,
  hash: Buffer,
): Promise<LiveSession | undefined> {
  const row = (await tx.query(findLiveSessionSql, [toUuid(sessionId), hash]))[0];
  if (row === undefined) return undefined;
  return {
    sessionId: fromUuid("session", row.session_id),
    userId: fromUuid("user", row.user_id),
    methods: row.methods,
    steppedUpSecondsAgo: row.stepped_up_seconds ?? undefined,
    hasTotp: row.has_totp,
    hasPasskey: row.has_passkey,
  };
}

const touchSessionSql = userStatement<never>(
  "identity.touch_session",
  `update sessions set seen_at = now() where user_id = $1 and session_id = $2 and ended_at is null
   and seen_at < now() - interval '20 seconds'`,
);

/** Notes that the session was used: at most three times a minute, which an idle limit of minutes does not notice. */
export async function touchSession(tx: UserTx, sessionId: SessionId): Promise<void> {
  await tx.query(touchSessionSql, [toUuid(sessionId)]);
}

/** Which of these sessions, of anybody, live: for streams that stay open. */
export const listLiveSessionsSql = systemStatement<{ session_id: string }>(
  "identity.list_live_sessions",
  "select session_id from parley_list_live_sessions($1)",
);

const replaceTokenSql = userStatement<{ session_id: string }>(
  "identity.replace_session_token",
  `update sessions set hash = $3, stepped_up_at = now(), methods = $4, seen_at = now()
   where user_id = $1 and session_id = $2 and ended_at is null returning session_id`,
);

/** Gives a session another token and notes the second factor. Answers whether it still lived. */
export async function replaceSessionToken(
  tx: UserTx,
  sessionId: SessionId,
  change: { hash: Buffer; methods: readonly string[] },
): Promise<boolean> {
  return (await tx.query(replaceTokenSql, [toUuid(sessionId), change.hash, change.methods])).length > 0;
}

const endSessionsSql = userStatement<{ session_id: string }>(
  "identity.end_sessions",
  `update sessions set ended_at = now(), end_reason = $2
   where user_id = $1 and ended_at is null and ($3::uuid is null or session_id = $3) and ($4::uuid is null or session_id <> $4)
   returning session_id`,
);

/** Ends one session (`only`), all but one (`except`), or all. Returns those that still lived. */
export async function endSessions(
  tx: UserTx,
  reason: string,
  which: { only?: SessionId; except?: SessionId } = {},
): Promise<SessionId[]> {
  const only = which.only === undefined ? null : toUuid(which.only);
  const except = which.except === undefined ? null : toUuid(which.except);
  const rows = await tx.query(endSessionsSql, [reason, only, except]);
  return rows.map((row) => fromUuid("session", row.session_id));
}

export interface SessionRow {
  readonly sessionId: SessionId;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  readonly endsAtMs: number;
  readonly methods: readonly string[];
  readonly device: Buffer;
  readonly network: Buffer;
}

interface ListedRow {
  session_id: string;
  created_at: Date;
  seen_at: Date;
  ends_at: Date;
  methods: string[];
  device: Buffer;
  network: Buffer;
}

const listSessionsSql = userStatement<ListedRow>(
  "identity.list_sessions",
  `select s.session_id, s.created_at, s.seen_at, s.ends_at, s.methods, s.device, s.network
   from sessions s join users u on u.user_id = s.user_id where s.user_id = $1 and ${liveCondition}
   order by s.seen_at desc limit 100`,
);

/** The person's living sessions, last used first. Device and network are ciphertext. */
export async function listSessions(tx: UserTx): Promise<SessionRow[]> {
  const rows = await tx.query(listSessionsSql);
  return rows.map((row) => ({
    sessionId: fromUuid("session", row.session_id),
    createdAtMs: row.created_at.getTime(),
    seenAtMs: row.seen_at.getTime(),
    endsAtMs: row.ends_at.getTime(),
    methods: row.methods,
    device: row.device,
    network: row.network,
  }));
}

const purgeSessionsSql = systemStatement<{ purged: string }>(
  "identity.purge_sessions",
  "select purged from parley_purge_sessions($1, $2)",
);

/** Removes up to 1,000 sessions that were over `days` ago. Returns how many: 1,000 means that there may be more. */
export async function purgeSessions(reader: SecretReader, days: number): Promise<number> {
  return Number((await reader.lookUp(purgeSessionsSql, [days, 1000]))[0]?.purged ?? 0);
}
