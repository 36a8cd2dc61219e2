// Secrets that work once: set-up codes, reset links, invitations, sign-in tickets, challenges. One table and one way, so
// that "once" is decided in one place: by a single guarded update, which lets exactly one of any number of callers win.
// Only SHA-256 of a secret is stored (each holds at least 125 random bits); what goes with it is ciphertext.

import { fromUuid, type OrganisationId, toUuid, type UserId } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import { sha256 } from "../../platform/crypto/hmac.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import type { BatchTx, Database } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import {
  keepSecretSql,
  purgeSecretsSql,
  readSecretSql,
  type SecretRow,
  trySecretSql,
  useSecretSql,
  voidSecretsSql,
} from "./store.ts";

/** What secrets are for, and how many seconds each lives. */
export const secretSeconds = {
  setup: 30 * 86_400,
  /** SP 800-63B-4 and ASVS 6.4.3: a reset link lives half an hour at most. */
  reset: 30 * 60,
  invitation: 7 * 86_400,
  /** Between the password and the second factor. */
  sign_in: 10 * 60,
  /** A WebAuthn challenge. */
  challenge: 5 * 60,
  email: 24 * 3600,
  transfer: 3 * 86_400,
  undo: 7 * 86_400,
} as const;

export type SecretPurpose = keyof typeof secretSeconds;

/** Where a secret is looked up: in a transaction, together with what it allows, or on its own. */
export type SecretReader = Pick<BatchTx, "lookUp"> | Pick<Database, "lookUp">;

export interface SecretSubject {
  readonly userId?: UserId | undefined;
  readonly organisationId?: OrganisationId | undefined;
  /** Encrypted before it is stored. */
  readonly payload?: string | undefined;
}

function toField(hash: Buffer): { table: string; column: string; row: string } {
  return { table: "one_time_secrets", column: "payload", row: hash.toString("hex") };
}

/** 256 random bits in 43 letters that a link can carry. */
export function drawSecret(): Secret<string> {
  return new Secret(drawBytes(32).toString("base64url"));
}

/** Stores a secret that was drawn; `seconds` overrides how long it lives. */
export async function keepSecret(
  reader: SecretReader,
  secret: Secret<string>,
  about: SecretSubject & { purpose: SecretPurpose; sealer: Sealer; seconds?: number },
): Promise<void> {
  const hash = sha256(secret.reveal());
  const payload = about.payload === undefined ? null : about.sealer.seal(toField(hash), about.payload);
  const person = about.userId === undefined ? null : toUuid(about.userId);
  const organisation = about.organisationId === undefined ? null : toUuid(about.organisationId);
  const seconds = about.seconds ?? secretSeconds[about.purpose];
  await reader.lookUp(keepSecretSql, [hash, about.purpose, person, organisation, payload, seconds]);
}

function toSubject(row: SecretRow | undefined, hash: Buffer, sealer: Sealer): SecretSubject | undefined {
  if (row === undefined) return undefined;
  return {
    userId: row.user_id === null ? undefined : fromUuid("user", row.user_id),
    organisationId: row.organisation_id === null ? undefined : fromUuid("organisation", row.organisation_id),
    payload: row.payload === null ? undefined : sealer.open(toField(hash), row.payload).toString("utf8"),
  };
}

interface Shown {
  readonly secret: string;
  readonly purpose: SecretPurpose;
  readonly sealer: Sealer;
}

/**
 * Uses a secret up. Undefined when it is unknown, expired, of another purpose or was used.
 * SECURITY: of parallel uses exactly one is given the subject.
 */
export async function useSecret(reader: SecretReader, shown: Shown): Promise<SecretSubject | undefined> {
  const hash = sha256(shown.secret);
  return toSubject((await reader.lookUp(useSecretSql, [hash, shown.purpose]))[0], hash, shown.sealer);
}

/** Looks at a living secret without using it up. */
export async function readSecret(reader: SecretReader, shown: Shown): Promise<SecretSubject | undefined> {
  const hash = sha256(shown.secret);
  return toSubject((await reader.lookUp(readSecretSql, [hash, shown.purpose]))[0], hash, shown.sealer);
}

/**
 * Looks at a living secret and spends one of `triesMax` tries with it, before the answer that comes with it is judged.
 * SECURITY: parallel guesses are counted one by one.
 */
export async function trySecret(
  reader: SecretReader,
  shown: Shown & { triesMax: number },
): Promise<SecretSubject | undefined> {
  const hash = sha256(shown.secret);
  const rows = await reader.lookUp(trySecretSql, [hash, shown.purpose, shown.triesMax]);
  return toSubject(rows[0], hash, shown.sealer);
}

/** Ends every unused secret of a purpose and person. */
export async function voidSecrets(reader: SecretReader, purpose: SecretPurpose, userId: UserId): Promise<void> {
  await reader.lookUp(voidSecretsSql, [purpose, toUuid(userId)]);
}

/** Removes secrets that expired `days` ago, a batch at a time. */
export async function purgeSecrets(reader: SecretReader, days: number): Promise<number> {
  return Number((await reader.lookUp(purgeSecretsSql, [days, 1000]))[0]?.purged ?? 0);
}
