// Stores passwords: Argon2id (RFC 9106) in the thread pool, then HMAC-SHA-256 under the pepper over its raw output. What
// must stay true: a hash without the pepper proves nothing, every answer about a password costs one hash whether or not the
// account exists, and no more than a few hashes run or wait at once.

import { hashRaw } from "@node-rs/argon2";
import { AppError } from "../../../kernel/errors.ts";
import type { Secret } from "../../../kernel/secret.ts";
import { hmacSha256, isEqualInConstantTime } from "../../../platform/crypto/hmac.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import type { Logger } from "../../../platform/log/log.ts";
import { identityErrors } from "../errors.ts";
import { findHash, formatHash, type HashParameters, type StoredHash } from "./hash-format.ts";
import { HashGate } from "./hash-gate.ts";
import { readPassword } from "./normalise-password.ts";
import { type Pepper, toPepper } from "./peppers.ts";

/** 64 MiB, three passes: some 90 ms on a small server. */
export const defaultHashParameters: HashParameters = { memoryKib: 65_536, passes: 3, lanes: 1 };

/** The least OWASP recommends for Argon2id. */
const floor = { memoryKib: 19_456, passes: 2 };
const ceiling = { memoryKib: 1_048_576, passes: 16, lanes: 16 };
const saltBytes = 16;
const outputBytes = 32;

export interface PasswordHasherOptions {
  /** At least 32 random bytes, kept outside the database. */
  readonly pepper: Secret<Buffer>;
  /** Peppers of earlier hashes. They verify, and such a hash asks to be replaced. */
  readonly earlierPeppers?: readonly Secret<Buffer>[];
  readonly parameters?: Partial<HashParameters>;
  /** Hashes at once, each with its own memory. 2 unless told. */
  readonly runningMax?: number;
  /** Hashes that wait their turn. 32 unless told. */
  readonly waitingMax?: number;
  /** Told when a stored hash cannot be checked at all: its pepper is missing or it is malformed. */
  readonly log?: Pick<Logger, "error">;
}

export interface PasswordMatch {
  readonly isMatch: boolean;
  /** The password matched, and what is stored was made with less than what is asked for today: store a fresh hash. */
  readonly needsRehash: boolean;
}

const noMatch: PasswordMatch = { isMatch: false, needsRehash: false };

export class PasswordHasher {
  readonly #pepper: Pepper;
  readonly #peppers: ReadonlyMap<string, Pepper>;
  readonly #parameters: HashParameters;
  readonly #gate: HashGate;
  readonly #log: Pick<Logger, "error"> | undefined;

  /** Throws `identity.hashing_misconfigured` for parameters below 19 MiB and two passes, or a short pepper. */
  constructor(options: PasswordHasherOptions) {
    this.#parameters = toParameters(options.parameters ?? {});
    this.#pepper = toPepper(options.pepper);
    const peppers = [...(options.earlierPeppers ?? []).map(toPepper), this.#pepper];
    this.#peppers = new Map(peppers.map((pepper) => [pepper.id, pepper]));
    this.#gate = new HashGate({ runningMax: options.runningMax ?? 2, waitingMax: options.waitingMax ?? 32 });
    this.#log = options.log;
  }

  /**
   * Hashes a password for storage. Judging it is the caller's duty; only what has no form at all is refused here, with
   * `identity.weak_password`. Throws `identity.busy`.
   */
  async hash(password: string): Promise<string> {
    const form = readPassword(password);
    if (!form.isText) throw new AppError(identityErrors.weakPassword, { note: form.fault });
    const salt = drawBytes(saltBytes);
    const mac = await this.#derive(form.text, { salt, parameters: this.#parameters, pepper: this.#pepper });
    return formatHash({ parameters: this.#parameters, pepperId: this.#pepper.id, salt, mac });
  }

  /** Compares a typed password with a stored hash, in constant time. Throws `identity.busy` and nothing else. */
  async verify(password: string, stored: string): Promise<PasswordMatch> {
    const form = readPassword(password);
    const hash = findHash(stored);
    const pepper = hash === undefined ? undefined : this.#peppers.get(hash.pepperId);
    if (hash === undefined || pepper === undefined) {
      // SECURITY: fails closed and at the usual cost, so that a stranger cannot tell such an account from another.
      this.#log?.error({ reason: hash ? "pepper missing" : "malformed" }, "a password hash cannot be checked");
      await this.verifyNothing(password);
      return noMatch;
    }
    const mac = await this.#derive(form.isText ? form.text : "", { ...hash, pepper });
    const isMatch = isEqualInConstantTime(mac, hash.mac) && form.isText;
    return { isMatch, needsRehash: isMatch && this.#isOutdated(hash) };
  }

  /**
   * Does the work of `verify` for an account that does not exist or has no password, and finds no match.
   * SECURITY: an unknown address costs what a known one costs.
   */
  async verifyNothing(password: string): Promise<PasswordMatch> {
    const form = readPassword(password);
    const salt = drawBytes(saltBytes);
    await this.#derive(form.isText ? form.text : "", { salt, parameters: this.#parameters, pepper: this.#pepper });
    return noMatch;
  }

  /** A hash made with more than today's parameters stays as it is: lowering a setting weakens nobody. */
  #isOutdated({ parameters, pepperId }: StoredHash): boolean {
    const { memoryKib, passes } = this.#parameters;
    return parameters.memoryKib < memoryKib || parameters.passes < passes || pepperId !== this.#pepper.id;
  }

  #derive(text: string, how: { salt: Buffer; parameters: HashParameters; pepper: Pepper }): Promise<Buffer> {
    const { memoryKib, passes, lanes } = how.parameters;
    return this.#gate.run(async () => {
      // The library's default is Argon2id version 19; a test holds it to that.
      const raw = await hashRaw(Buffer.from(text, "utf8"), {
        memoryCost: memoryKib,
        timeCost: passes,
        parallelism: lanes,
        outputLen: outputBytes,
        salt: how.salt,
      });
      const mac = hmacSha256(how.pepper.key, raw);
      raw.fill(0);
      return mac;
    });
  }
}

function toParameters(wanted: Partial<HashParameters>): HashParameters {
  const parameters = { ...defaultHashParameters, ...wanted };
  const { memoryKib, passes, lanes } = parameters;
  const isSafe =
    isWithin(memoryKib, floor.memoryKib, ceiling.memoryKib) &&
    isWithin(passes, floor.passes, ceiling.passes) &&
    isWithin(lanes, 1, ceiling.lanes);
  if (isSafe) return parameters;
  const detail =
    `Password hashing with ${memoryKib} KiB, ${passes} passes and ${lanes} lanes is refused: use ` +
    `${floor.memoryKib} to ${ceiling.memoryKib} KiB, ${floor.passes} to ${ceiling.passes} passes, 1 to ${ceiling.lanes} lanes.`;
  throw new AppError(identityErrors.hashingMisconfigured, { detail });
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
