// What a token says, judged after its signature was found good: for which channel, about whom, for how long.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId } from "../../../kernel/ids.ts";
import { toOneLine } from "../../../platform/html/index.ts";
import { findEmail } from "../../identity/index.ts";
import { identityTokenErrors } from "./errors.ts";
import { refuseIdentity } from "./refuse.ts";

/** The website's clock may be this far from ours. */
const skewSeconds = 60;
const lifeSecondsMax = 3_600;
const nameMax = 200;

/** Who the website's server says a visitor is. */
export interface VerifiedIdentity {
  /** The website's own id of the person, 1 to 200 characters. */
  readonly subject: string;
  readonly name?: string;
  readonly email?: string;
  /** Whether the website says that it knows the address to be the person's. */
  readonly isEmailVerified: boolean;
  readonly jti: string;
  readonly expiresAtMs: number;
}

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value));

const Claims = z.object({
  aud: z.union([z.string(), z.array(z.string()).max(10)]),
  sub: text(200).refine((value) => value.trim() === value),
  exp: z.number(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  jti: text(200),
  nonce: z.string().max(200).optional(),
  name: z.string().max(1_000).optional(),
  email: z.string().max(1_000).optional(),
  email_verified: z.boolean().optional(),
});

export interface ClaimsQuestion {
  readonly channelId: ChannelId;
  /** What the beginning of the chat gave, if the caller still has it. */
  readonly nonce: string | undefined;
  readonly nowMs: number;
}

function parseClaims(payload: Uint8Array): z.output<typeof Claims> {
  try {
    const result = Claims.safeParse(JSON.parse(Buffer.from(payload).toString("utf8")));
    if (result.success) return result.data;
    throw refuseIdentity(
      `missing or malformed: ${result.error.issues.map((issue) => issue.path.join(".")).join(", ")}`,
    );
  } catch (error) {
    throw error instanceof AppError ? error : refuseIdentity("what was signed is not JSON");
  }
}

function assertTimes({ exp, iat, nbf }: z.output<typeof Claims>, nowMs: number): void {
  const now = nowMs / 1000;
  if (exp > now + lifeSecondsMax + skewSeconds) throw refuseIdentity("it is valid for more than an hour");
  if (iat !== undefined && iat > now + skewSeconds) throw refuseIdentity("it was issued in the future");
  if (nbf !== undefined && nbf > now + skewSeconds) throw refuseIdentity("it is not valid yet");
  if (exp <= now) throw new AppError(identityTokenErrors.expired);
}

function toName(name: string | undefined): string | undefined {
  const plain = toOneLine(name ?? "")
    .slice(0, nameMax)
    .toWellFormed()
    .trim();
  return plain === "" ? undefined : plain;
}

/** Reads the claims. Throws `visitors.identity_expired` for one that was good, `visitors.identity_refused` otherwise. */
export function readClaims(payload: Uint8Array, question: ClaimsQuestion): VerifiedIdentity {
  const claims = parseClaims(payload);
  // SECURITY: a token for another channel, or for the website's other services, is worth nothing here.
  if (![claims.aud].flat().includes(question.channelId)) throw refuseIdentity("its audience is not this channel");
  if (claims.nonce !== undefined && claims.nonce !== question.nonce)
    throw refuseIdentity("its nonce is not the given one");
  assertTimes(claims, question.nowMs);
  const email = claims.email === undefined ? undefined : findEmail(claims.email);
  if (claims.email !== undefined && email === undefined) throw refuseIdentity("its email is no mail address");
  const name = toName(claims.name);
  return {
    subject: claims.sub,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    isEmailVerified: email !== undefined && claims.email_verified === true,
    jti: claims.jti,
    expiresAtMs: Math.floor(claims.exp * 1000),
  };
}
