// Challenges of passkey ceremonies: given out once, taken back once, within five minutes, and only for what they were given
// out for and to whom.

import { AppError } from "../../../kernel/errors.ts";
import type { SessionId, UserId } from "../../../kernel/ids.ts";
import { Secret } from "../../../kernel/secret.ts";
import type { Sealer } from "../../keys/index.ts";
import { keepSecret, type SecretReader, useSecret } from "../../secrets/index.ts";
import { identityErrors } from "../errors.ts";

/** What a challenge may be answered for. */
export interface ChallengePurpose {
  readonly act: "sign_in" | "second_factor" | "step_up" | "register";
  /** Undefined when nobody has said yet who they are. */
  readonly userId: UserId | undefined;
  /** The session it belongs to; undefined before there is one. */
  readonly sessionId: SessionId | undefined;
}

function toPayload({ act, sessionId }: ChallengePurpose): string {
  return `${act} ${sessionId ?? ""}`;
}

/** Remembers a challenge that was just made. */
export async function keepChallenge(
  reader: SecretReader,
  challenge: string,
  about: ChallengePurpose & { sealer: Sealer },
): Promise<void> {
  const { userId, sealer } = about;
  await keepSecret(reader, new Secret(challenge), { purpose: "challenge", userId, payload: toPayload(about), sealer });
}

/** The challenge an answer names; undefined when there is none to be read. */
function findChallenge(clientDataJSON: string): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"));
    const challenge: unknown = typeof data === "object" && data !== null && "challenge" in data ? data.challenge : "";
    return typeof challenge === "string" && /^[A-Za-z0-9_-]{43}$/.test(challenge) ? challenge : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Uses up the challenge an answer names and returns it. Throws `identity.challenge_refused` when it was not given out for
 * this, was used or took too long.
 * SECURITY: of any number of answers to one challenge, one is looked at.
 */
export async function takeChallenge(
  reader: SecretReader,
  clientDataJSON: string,
  about: ChallengePurpose & { sealer: Sealer },
): Promise<string> {
  const challenge = findChallenge(clientDataJSON);
  const { sealer, userId } = about;
  const kept =
    challenge === undefined ? undefined : await useSecret(reader, { secret: challenge, purpose: "challenge", sealer });
  const isMeant = kept !== undefined && kept.userId === userId && kept.payload === toPayload(about);
  if (challenge === undefined || !isMeant) throw new AppError(identityErrors.challengeRefused);
  return challenge;
}
