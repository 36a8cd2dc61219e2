// Slows guessing down without letting a stranger lock anybody out. A failure counts four times:
//
//   account from one network   tightly: 10 in 15 minutes, and waits from the fourth on
//   account from anywhere      loosely: waits from the 21st on, 15 minutes at most
//   one network                loosely: 200 in 15 minutes, and waits from the 51st on; one office can mistype
//   everybody                  3,000 in 15 minutes
//
// A device that signed in to the account before counts against a budget of its own, ten in 15 minutes, and against nothing
// else: whatever strangers do, its owner may try. Those who have no such device keep passkeys and the reset link, which are
// not throttled here, and signed-in sessions are never touched. Accounts are told apart by a blind index, so an address
// nobody has an account for is counted and answered like any other.
//
// The counters live in this process and are forgotten when it ends. What must outlive it, the count of consecutive failures
// of an authenticator, is kept by a store under `isAuthenticatorSpent`.

import type { Clock } from "../../../kernel/clock.ts";
import { AppError } from "../../../kernel/errors.ts";
import { identityErrors } from "../errors.ts";
import { type Budget, FailureCounter } from "./failure-counter.ts";

export interface SignInAttempt {
  /** The blind index of the address that was typed, whether or not an account has it. */
  readonly account: string;
  /** From `toNetwork`. */
  readonly network: string;
  /** The request carries the cookie of a device that signed in to this very account before; verified by the caller. */
  readonly isKnownDevice: boolean;
}

export interface SignInBudgets {
  readonly accountFromNetwork: Budget;
  readonly knownDevice: Budget;
  readonly account: Budget;
  readonly network: Budget;
  readonly everybody: Budget;
}

export const defaultSignInBudgets: SignInBudgets = {
  accountFromNetwork: { freeFailures: 3, windowMax: 10 },
  knownDevice: { freeFailures: 3, windowMax: 10 },
  account: { freeFailures: 20, windowMax: Number.POSITIVE_INFINITY },
  network: { freeFailures: 50, windowMax: 200 },
  everybody: { freeFailures: Number.POSITIVE_INFINITY, windowMax: 3_000 },
};

/**
 * Keys each counter keeps. Strangers fail at most 3,000 times in 15 minutes and everything is forgotten after an hour, so
 * they cannot push anybody's failures out.
 */
const entriesMax = 50_000;

interface Count {
  readonly counter: FailureCounter;
  readonly key: string;
}

export class SignInThrottle {
  readonly #counters: Readonly<Record<keyof SignInBudgets, FailureCounter>>;

  constructor(options: { readonly clock: Clock; readonly budgets?: Partial<SignInBudgets> }) {
    const budgets = { ...defaultSignInBudgets, ...options.budgets };
    const open = (budget: Budget) => new FailureCounter({ clock: options.clock, budget, entriesMax });
    this.#counters = {
      accountFromNetwork: open(budgets.accountFromNetwork),
      knownDevice: open(budgets.knownDevice),
      account: open(budgets.account),
      network: open(budgets.network),
      everybody: open(budgets.everybody),
    };
  }

  /**
   * Call before a password or code is looked at. Throws `identity.too_many_attempts` with the seconds to wait, in which
   * case nothing is counted.
   * SECURITY: the attempt counts as failed from here on, so guesses sent side by side cannot all pass before the first
   * has failed. Follow with `countSuccess` or `takeBack`; with neither it stays a failure.
   */
  assertMayTry(attempt: SignInAttempt): void {
    const counts = this.#listCounts(attempt);
    const waitMs = Math.max(...counts.map(({ counter, key }) => counter.getWaitMs(key)));
    if (waitMs > 0) {
      throw new AppError(identityErrors.tooManyAttempts, { retryAfterSeconds: Math.ceil(waitMs / 1000) });
    }
    for (const { counter, key } of counts) counter.count(key);
  }

  /**
   * The attempt succeeded. Forgets the failures of this account from here; of what others share, only this attempt, so
   * that nobody can wash a network clean by signing in to an account of their own in between.
   */
  countSuccess(attempt: SignInAttempt): void {
    const [own, ...shared] = this.#listCounts(attempt);
    own?.counter.clear(own.key);
    for (const { counter, key } of shared) counter.takeBack(key);
  }

  /** Nothing was looked at after all, for example because the server was busy: the attempt does not count. */
  takeBack(attempt: SignInAttempt): void {
    for (const { counter, key } of this.#listCounts(attempt)) counter.takeBack(key);
  }

  /** Where an attempt counts; its own counter first. */
  #listCounts({ account, network, isKnownDevice }: SignInAttempt): Count[] {
    const counters = this.#counters;
    if (isKnownDevice) return [{ counter: counters.knownDevice, key: account }];
    return [
      { counter: counters.accountFromNetwork, key: `${account} ${network}` },
      { counter: counters.account, key: account },
      { counter: counters.network, key: network },
      { counter: counters.everybody, key: "" },
    ];
  }
}
