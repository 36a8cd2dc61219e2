// What happens whenever somebody has proved who they are: the session is issued, the device remembered or reported, and
// the beginning written into the audit log, all in the transaction that used up the proof.

import type { Clock } from "../../../kernel/clock.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { SessionId, UserId } from "../../../kernel/ids.ts";
import type { Origin } from "../../../kernel/operation.ts";
import { Secret } from "../../../kernel/secret.ts";
import { sha256 } from "../../../platform/crypto/hmac.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import type { BatchTx, UserTx } from "../../../platform/db/index.ts";
import { recordPersonAudit } from "../../audit/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { toLink, toNewDeviceLetter } from "../../notices/index.ts";
import { identityErrors } from "../errors.ts";
import { readUser, type User } from "../users/users.ts";
import { describeOrigin } from "./describe-origin.ts";
import { insertDevice, noteSignIn, recogniseDevice } from "./device-store.ts";
import { issueSession, type SessionLimits, type SignInMethod } from "./sessions.ts";

/** What beginning a session takes from the rest of the product. */
export interface SessionDeps {
  readonly clock: Clock;
  /** Where this Parley is reached: the beginning of every link in a letter. */
  readonly publicUrl: string;
  /** How long the person's sessions may last: the strictest of their organisations' policies. */
  limitsFor(batch: BatchTx, userId: UserId): Promise<SessionLimits>;
}

/** Which request did it, for the audit log. */
export interface RequestMark {
  readonly requestId: string;
  readonly origin: Origin;
  /** The operation's or page's name. */
  readonly operation: string;
}

export interface SessionStart extends RequestMark {
  readonly userId: UserId;
  /** How the person proved who they are, in this order. */
  readonly methods: readonly SignInMethod[];
  readonly sealer: Sealer;
}

/** `new SessionAnswer(view, started.tokens)`. */
export interface StartedSession {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly tokens: { readonly session: Secret<string>; readonly device: Secret<string> | undefined };
}

/** What alone counts as much as a second factor, for somebody who has none: see decision 0010. */
const firstFactors: ReadonlySet<SignInMethod> = new Set(["password", "setup", "invitation"]);

/** A recovery code never steps up, whatever else was shown (SP 800-63B-4 4.2). */
function isSteppedUp(methods: readonly SignInMethod[], user: User): boolean {
  if (methods.includes("totp") || methods.includes("passkey")) return true;
  const hasFactor = user.hasTotp || user.passkeys > 0;
  return !hasFactor && methods.length > 0 && methods.every((method) => firstFactors.has(method));
}

/** A name for a device that is unknown to the person; undefined for one that is known. */
async function welcomeDevice(tx: UserTx, { origin }: SessionStart): Promise<Secret<string> | undefined> {
  const given = origin.deviceToken;
  if (given !== undefined && (await recogniseDevice(tx, sha256(given)))) return undefined;
  // SECURITY: a value the browser brought along is never made a device's name: somebody else may have put it there.
  const token = drawBytes(32).toString("base64url");
  await insertDevice(tx, sha256(token));
  return new Secret(token);
}

/**
 * Begins a session for somebody who has proved who they are. Throws `identity.refused` for somebody who may not sign in,
 * which undoes what the transaction did before.
 * SECURITY: every way to sign in ends here, so that none skips what the others check.
 */
export async function startSession(batch: BatchTx, start: SessionStart, deps: SessionDeps): Promise<StartedSession> {
  const { userId, methods, origin, sealer } = start;
  const tx = batch.enterUser(userId);
  // SECURITY: somebody disabled gets no session, whichever way they came (CVE-2026-30831).
  const noted = await noteSignIn(tx);
  if (noted === undefined) throw new AppError(identityErrors.refused, { note: "disabled" });
  const user = await readUser(tx, sealer);
  const device = await welcomeDevice(tx, start);
  const limits = await deps.limitsFor(batch, userId);
  const words = describeOrigin(origin);
  const isStepped = isSteppedUp(methods, user);
  const { sessionId, token } = await issueSession(tx, {
    ...{ methods, limits, origin, sealer, isSteppedUp: isStepped },
    ...words,
  });
  if (device !== undefined && noted.hasSignedIn) {
    const occasion = { atMs: deps.clock.nowMs(), ...words };
    const sessionsLink = toLink(deps.publicUrl, "/account/sessions");
    await queueLetter(batch, sealer, { to: user.email, ...toNewDeviceLetter({ occasion, methods, sessionsLink }) });
  }
  const { requestId, operation } = start;
  const targets = { userId, sessionId, methods: methods.join(" ") };
  const note = { action: "session.started", operation, requestId, remoteAddress: origin.address, targets };
  await recordPersonAudit(batch, userId, note);
  return { sessionId, userId, tokens: { session: token, device } };
}
