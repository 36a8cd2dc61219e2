// The visitor's token: started once, shared by the tabs, rotated when it is about to expire. Every call goes through
// `call`, which holds the shared lock; whatever changes the token holds it alone.
//
// SECURITY: a token that was rotated away is never sent again, because the server ends the session of who does: a rotation
// whose answer was lost is repeated under its rotation id before anything else is called.

import type { Environment } from "./environment.ts";
import type { Keeper, Session } from "./keeper.ts";
import { pick, readFields, readText, readTexts } from "./parse.ts";
import { wait } from "./pause.ts";
import { sendProven } from "./send-proven.ts";
import { type Answer, type Call, type Refusal, readJson, type Transport } from "./transport.ts";
import type { EndReason } from "./types.ts";

/** The session is over: nothing can be called any more. */
export type Lost = { readonly kind: "lost"; readonly reason: EndReason | "expired" };
export type Done = { readonly kind: "done" };

interface SessionOptions {
  readonly environment: Environment;
  readonly transport: Transport;
  readonly keeper: Keeper;
  /** Names the lock; the same in all tabs of a chat. */
  readonly lockName: string;
  readonly onProving: (isProving: boolean) => void;
  readonly onNonce: (nonce: string) => void;
  /** The token was changed here: other tabs are told. */
  readonly onChange: () => void;
}

/** What the page shows of its visitor. */
interface IdentityClaim {
  readonly jwt: string;
  /** The visitor agreed, where the channel asks for that. */
  readonly consent?: boolean;
}

export interface Visit {
  /** Takes up the kept session or starts one. */
  start(signal: AbortSignal): Promise<Done | Refusal | Lost>;
  /** Calls with the token, which it rotates before where needed. With `takesProof`, a proof of work is brought when asked. */
  call(call: Omit<Call, "token"> & { readonly takesProof?: boolean }): Promise<Answer | Lost>;
  /** `busy` while `isQuiet` says that something waits to be sent. */
  identify(claim: IdentityClaim, isQuiet: () => boolean): Promise<Answer | Lost | { kind: "busy" }>;
  /** Notes what became of the session. */
  note(change: Pick<Partial<Session>, "isBegun" | "isConsented">): Promise<void>;
  /** Takes the session away that was last called with here. False when another tab has begun another one since. */
  forget(): boolean;
}

const rotateBeforeMs = 60_000;
/** What a write to the shelf may need to be seen by another tab's process. */
const settleMs = 100;

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** An id drawn here, 22 characters of base64url: nobody who merely saw a token can guess it. */
export const drawId = (environment: Environment): string => toBase64Url(environment.randomBytes(16));

/** Whether a refusal ends the session or the start of one, and why. */
export function toEnd(refusal: Answer | Lost): Lost | undefined {
  if (refusal.kind !== "refused") return undefined;
  const { status, code } = refusal;
  if (/reused/.test(code)) return { kind: "lost", reason: "reused" };
  if (/unknown_channel/.test(code)) return { kind: "lost", reason: "disabled" };
  if (/site_refused/.test(code)) return { kind: "lost", reason: "refused" };
  if (status === 401 || /\bended|_ended/.test(code))
    return { kind: "lost", reason: /ended/.test(code) ? "ended" : "expired" };
  return undefined;
}

/** A token as `start`, `token` and `identify` give it; `token` says no more of its visitor. */
type Issued = Pick<Session, "token" | "expiresAt"> & {
  readonly visitorId?: string;
  readonly name?: string;
  readonly nonce?: string;
};

async function readToken(response: Response): Promise<Issued | undefined> {
  const fields = readFields(await readJson(response));
  const [token, expiresAt] = [readText(fields.token), Date.parse(readText(fields.expiresAt) ?? "")];
  if (token === undefined || Number.isNaN(expiresAt)) return undefined;
  return { token, expiresAt, ...readTexts(fields, "visitorId", "name", "nonce") };
}

/** The one place that reads and writes the token. */
export function createVisit(options: SessionOptions): Visit {
  const { environment, transport, keeper, lockName, onNonce, onChange } = options;
  const { clock, locks } = environment;
  let lastToken: string | undefined;
  const alone = <Value>(run: () => Promise<Value>) => locks.hold(lockName, "exclusive", run);
  const write = async (session: Session) => {
    lastToken = session.token;
    keeper.writeSession(session);
    onChange();
    // The next tab to get the lock must read this, not what its process read before.
    await wait(clock, settleMs);
  };
  const isStale = (session: Session) =>
    session.rotationId !== undefined || session.expiresAt - clock.now() < rotateBeforeMs;

  const start = async (signal: AbortSignal): Promise<Done | Refusal | Lost> => {
    if (keeper.readSession() !== undefined) return { kind: "done" };
    const answer = await sendProven(
      (proof) => transport.call({ method: "POST", path: "/start", json: pick({ proof }), signal }),
      options,
      signal,
    );
    if (answer.kind !== "done") return toEnd(answer) ?? answer;
    const read = await readToken(answer.response);
    if (read?.visitorId === undefined) return { kind: "unreachable" };
    const { token, expiresAt, visitorId, nonce } = read;
    await write({ token, expiresAt, visitorId, isVerified: false, isConsented: false, isBegun: false });
    if (nonce !== undefined) onNonce(nonce);
    return { kind: "done" };
  };

  /** Within the exclusive lock. */
  const rotate = async (): Promise<Done | Refusal | Lost> => {
    const session = keeper.readSession();
    if (session === undefined) return { kind: "lost", reason: "expired" };
    lastToken = session.token;
    const rotationId = session.rotationId ?? drawId(environment);
    keeper.writeSession({ ...session, rotationId });
    const answer = await transport.call({
      ...{ method: "POST", path: "/token", json: { rotationId }, token: session.token },
    });
    if (answer.kind !== "done") return toEnd(answer) ?? answer;
    const read = await readToken(answer.response);
    if (read === undefined) return { kind: "unreachable" };
    const { token, expiresAt } = read;
    const { rotationId: _, ...rest } = keeper.readSession() ?? session;
    await write({ ...rest, token, expiresAt });
    return { kind: "done" };
  };
  /** Rotates unless another tab did meanwhile. */
  const refresh = (seen: string | undefined) =>
    alone(async () => {
      const session = keeper.readSession();
      return session !== undefined && session.token !== seen && !isStale(session)
        ? { kind: "done" as const }
        : rotate();
    });

  const attempt = (call: Omit<Call, "token">) =>
    locks.hold(lockName, "shared", async () => {
      const session = keeper.readSession();
      if (session === undefined) return { seen: undefined, answer: { kind: "lost", reason: "expired" } as const };
      lastToken = session.token;
      if (isStale(session)) return { seen: session.token, answer: undefined };
      return { seen: session.token, answer: await transport.call({ ...call, token: session.token }) };
    });
  const call = async (call: Omit<Call, "token">): Promise<Answer | Lost> => {
    for (let tries = 0; ; tries += 1) {
      const { seen, answer } = await attempt(call);
      const end = answer && toEnd(answer);
      // A token that ran out is exchanged, and the call made again.
      if (answer !== undefined && (end?.reason !== "expired" || tries > 1)) return end ?? answer;
      const refreshed = await refresh(seen);
      if (refreshed.kind !== "done") return refreshed;
      if (call.signal?.aborted === true) return { kind: "unreachable" };
    }
  };

  const identify: Visit["identify"] = (json, isQuiet) =>
    alone(async () => {
      // SECURITY: what was typed before goes out as the anonymous visitor first; it is never moved to the verified one.
      if (!isQuiet()) return { kind: "busy" };
      const before = keeper.readSession();
      if (before === undefined || isStale(before)) {
        const rotated = await rotate();
        if (rotated.kind !== "done") return rotated;
      }
      const session = keeper.readSession() as Session;
      const answer = await transport.call({ method: "POST", path: "/identify", json, token: session.token });
      if (answer.kind !== "done")
        return answer.kind === "refused" && answer.status !== 403 ? (toEnd(answer) ?? answer) : answer;
      const read = await readToken(answer.response);
      if (read?.visitorId === undefined) return { kind: "unreachable" };
      const { token, expiresAt, visitorId, name } = read;
      await write({
        ...{ token, expiresAt, visitorId, isVerified: true, isBegun: true, isConsented: session.isConsented },
        ...pick({ name }),
      });
      return answer;
    });
  return {
    start: (signal) => alone(() => start(signal)),
    call: ({ takesProof, ...rest }) =>
      takesProof === true
        ? sendProven(
            (proof) => call({ ...rest, json: { ...readFields(rest.json), ...pick({ proof }) } }),
            options,
            rest.signal,
          )
        : call(rest),
    identify,
    // Shared, so that no rotation of another tab lies between the reading and the writing of the token.
    note: (change) =>
      locks.hold(lockName, "shared", async () => {
        const session = keeper.readSession();
        if (session !== undefined) keeper.writeSession({ ...session, ...change });
      }),
    forget() {
      const session = keeper.readSession();
      if (session !== undefined && lastToken !== undefined && session.token !== lastToken) return false;
      keeper.writeSession(undefined);
      return true;
    },
  };
}
