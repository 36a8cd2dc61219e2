// The SQL of tries: how often in a row a password or a code was wrong. A try is counted before it is judged, so that of
// any number of guesses at once none is free; a right one clears the count.
//
// SECURITY: 100 failures in a row end the password or the codes until a reset (SP 800-63B-4 3.2.2); before that, pauses
// grow. They never end a session or a passkey. A device that signed in before has a count of its own, so that a stranger
// who guesses cannot lock its person out.

import { type UserTx, userStatement } from "../../../platform/db/index.ts";
import { consecutiveFailuresMax, delayMaxMs } from "../throttling/sign-in-policy.ts";
import { defaultSignInBudgets } from "../throttling/sign-in-throttle.ts";

/** What guesses are counted for: the password, or codes of the app and recovery codes together. */
export type Guessable = "password" | "factor";

interface Taken {
  is_taken: boolean;
}

/** The pauses of `toDelay`, kept where a restart does not end them: 1 s after the free failures, doubling. */
function toCount(what: Guessable, freeFailures: number): string {
  const next = `${what}_failures + 1`;
  const seconds = `least(power(2, least(${next} - ${freeFailures + 1}, 20)), ${delayMaxMs / 1000})`;
  return `${what}_failures = ${next},
    ${what}_locked_until = case when ${next} > ${freeFailures} then now() + make_interval(secs => ${seconds}) end`;
}

function toTakeText(what: Guessable): string {
  const isOpen = `${what}_failures < ${consecutiveFailuresMax}
    and (${what}_locked_until is null or ${what}_locked_until <= now())`;
  const ofDevice = toCount(what, defaultSignInBudgets.knownDevice.freeFailures);
  const ofUser = toCount(what, defaultSignInBudgets.account.freeFailures);
  return `with device as (select 1 from known_devices d where d.user_id = $1 and d.hash = $2),
    of_device as (update known_devices set ${ofDevice} where user_id = $1 and hash = $2 and ${isOpen} returning 1),
    of_user as (update users set ${ofUser} where user_id = $1 and not exists (select from device) and ${isOpen}
      returning 1)
    select exists (select from of_device) or exists (select from of_user) as is_taken`;
}

const takeSql = {
  password: userStatement<Taken>("identity.take_password_try", toTakeText("password")),
  factor: userStatement<Taken>("identity.take_factor_try", toTakeText("factor")),
};

/** Counts a try. False when none is left or a pause has yet to end: then whatever was shown does not count. */
export async function takeTry(tx: UserTx, what: Guessable, deviceHash: Buffer): Promise<boolean> {
  return (await tx.query(takeSql[what], [deviceHash]))[0]?.is_taken === true;
}

function toReturnText(what: Guessable): string {
  const less = `${what}_failures = greatest(${what}_failures - 1, 0)`;
  return `with device as (update known_devices set ${less} where user_id = $1 and hash = $2 returning 1)
    update users set ${less} where user_id = $1 and not exists (select from device)`;
}

const returnSql = {
  password: userStatement<never>("identity.return_password_try", toReturnText("password")),
  factor: userStatement<never>("identity.return_factor_try", toReturnText("factor")),
};

/** Nothing was judged after all: the try does not count. A pause that it began stays. */
export async function returnTry(tx: UserTx, what: Guessable, deviceHash: Buffer): Promise<void> {
  await tx.query(returnSql[what], [deviceHash]);
}

function toClearText(what: Guessable): string {
  const none = `${what}_failures = 0, ${what}_locked_until = null`;
  return `with of_device as (update known_devices set ${none} where user_id = $1 and hash = $2)
    update users set ${none} where user_id = $1 and status = 'active' returning user_id`;
}

const clearSql = {
  password: userStatement<{ user_id: string }>("identity.clear_password_tries", toClearText("password")),
  factor: userStatement<{ user_id: string }>("identity.clear_factor_tries", toClearText("factor")),
};

/** Forgets the failures. Holds the person's row, so that a reset and a sign-in happen one after the other. */
export async function clearTries(tx: UserTx, what: Guessable, deviceHash: Buffer): Promise<boolean> {
  return (await tx.query(clearSql[what], [deviceHash])).length > 0;
}
