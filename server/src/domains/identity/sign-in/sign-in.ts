// The first step of signing in: address and password. Who has a second factor gets a ticket for the second step, and no
// session; who has none is signed in.

import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import type { Secret } from "../../../kernel/secret.ts";
import type { BatchTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { drawSecret, keepSecret } from "../../secrets/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { checkPassword } from "../proofs/check-password.ts";
import type { SignInRow } from "../proofs/password-store.ts";
import type { Proof } from "../proofs/proof.ts";
import { type RequestMark, type StartedSession, startSession } from "../sessions/start-session.ts";
import { type Email, findEmail, toEmailIndex } from "../users/email.ts";
import { findUserId } from "../users/users.ts";
import { noteFailure } from "./note-failure.ts";

/** What can be shown as a second factor. */
export type SecondFactor = "totp" | "passkey" | "recovery_code";

export type SignInResult =
  | { readonly kind: "signed_in"; readonly started: StartedSession }
  | { readonly kind: "factor_required"; readonly ticket: Secret<string>; readonly factors: readonly SecondFactor[] };

export interface SignInInput {
  readonly email: string;
  readonly password: string;
}

/** What names an address that cannot be one: everything unreadable is one account nobody has. */
const unreadable = "nobody@invalid" as Email;

function listFactors(row: SignInRow): SecondFactor[] {
  if (!row.hasTotp && !row.hasPasskey) return [];
  return [
    ...(row.hasPasskey ? (["passkey"] as const) : []),
    ...(row.hasTotp ? (["totp"] as const) : []),
    ...(row.hasRecoveryCode ? (["recovery_code"] as const) : []),
  ];
}

interface Proved {
  readonly userId: UserId;
  readonly proof: Proof;
  readonly factors: readonly SecondFactor[];
  readonly sealer: Sealer;
}

async function proceed(deps: IdentityDeps, batch: BatchTx, how: Proved & { mark: RequestMark }): Promise<SignInResult> {
  const { userId, proof, factors, sealer, mark } = how;
  const isUsed = await proof.use(batch.enterUser(userId));
  if (!isUsed) throw new AppError(identityErrors.refused, { note: "changed meanwhile" });
  if (factors.length === 0) {
    const started = await startSession(batch, { ...mark, userId, methods: [proof.method], sealer }, deps);
    return { kind: "signed_in", started };
  }
  const ticket = drawSecret();
  await keepSecret(batch, ticket, { purpose: "sign_in", userId, payload: proof.method, sealer });
  return { kind: "factor_required", ticket, factors };
}

/**
 * Signs in with address and password. Throws `identity.refused` for everything that is not right, without a hint which,
 * and `identity.too_many_attempts` or `identity.busy`.
 */
export async function signIn(deps: IdentityDeps, input: SignInInput, mark: RequestMark): Promise<SignInResult> {
  const sealer = await deps.installation.sealer();
  const email = findEmail(input.email) ?? unreadable;
  const account = toEmailIndex(email, sealer).toString("base64url");
  const userId = await findUserId(deps.database, email, sealer);
  const { password } = input;
  const { proof, row, isCounted } = await checkPassword(deps, { userId, password, origin: mark.origin, account });
  const isRight = proof !== undefined && row?.isActive === true && userId !== undefined;
  if (!isRight) {
    if (userId !== undefined && isCounted) noteFailure(deps, mark, { userId, step: "password" });
    throw new AppError(identityErrors.refused);
  }
  const factors = listFactors(row);
  return deps.database.withBatch({ kind: "anonymous" }, (batch) =>
    proceed(deps, batch, { userId, proof, factors, sealer, mark }),
  );
}
