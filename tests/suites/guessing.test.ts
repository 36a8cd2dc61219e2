// Guessing, as attackers do it: as fast as they are let, honouring every wait to the second, from one network and from a
// thousand, at one account and at a thousand. What is counted are guesses that were looked at. Whatever strangers do, the
// owner's session, passkey and known device keep working.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { toNetwork } from "../../server/src/domains/identity/devices/describe-network.ts";
import { toUuid } from "../../server/src/kernel/ids.ts";
import { toAddress } from "../support/http.ts";
import { type Answer, type Owner, openSiege, password, type Siege } from "../support/siege.ts";
import { isWhole, sized } from "../support/size.ts";

const minuteMs = 60_000;
const windowMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const wrong = "wrong copper lantern orchard";
const fine = { session: 200, passkey: 200, password: ["factor_required", "signed_in"] };

let siege: Siege;
beforeAll(async () => {
  siege = await openSiege();
}, 120_000);
afterAll(() => siege?.close(), 60_000);
// Each attack begins with an empty memory: everything in it is forgotten after an hour.
afterEach(() => siege.passTime(2 * hourMs));

interface Attack {
  /** When each guess was looked at, in milliseconds from the beginning. */
  readonly atMs: readonly number[];
  /** The waits that were asked for, in order. */
  readonly waits: readonly number[];
}

/** Guesses without a pause, but for the waits it is told. Stops after a time or a number of guesses. */
async function attack(
  guess: (index: number) => Promise<Answer>,
  until: { readonly ms: number; readonly guesses?: number },
): Promise<Attack> {
  const beganMs = siege.clock.nowMs();
  const [atMs, waits]: [number[], number[]] = [[], []];
  for (let index = 0; ; index += 1) {
    const passedMs = siege.clock.nowMs() - beganMs;
    if (passedMs >= until.ms || atMs.length >= (until.guesses ?? Number.POSITIVE_INFINITY)) return { atMs, waits };
    const { status, code, retryAfterSeconds } = await guess(index);
    if (status === 401) atMs.push(passedMs);
    else {
      expect([status, code]).toEqual([429, "identity.too_many_attempts"]);
      waits.push(retryAfterSeconds);
      await siege.passTime(retryAfterSeconds * 1000);
    }
  }
}

/** The most guesses within any time of this length. */
function countWithin(atMs: readonly number[], lengthMs: number): number {
  return Math.max(0, ...atMs.map((from) => atMs.filter((at) => at >= from && at < from + lengthMs).length));
}

function report(name: string, { atMs, waits }: Attack): void {
  const perWindow = `${countWithin(atMs, windowMs)} in 15 minutes, ${countWithin(atMs, hourMs)} in an hour`;
  process.stdout.write(`${name}: ${perWindow}, ${atMs.length} in all; waits ${waits.slice(0, 14).join(" ")} s\n`);
}

/** The owner is told of nothing, and everything of theirs works. */
async function expectOwnerFine(owner: Owner): Promise<void> {
  expect(await siege.tryAsOwner(owner)).toEqual(fine);
}

/** Guesses that the throttle is told of without anybody looking at them. */
function tell(count: number, toAttempt: (index: number) => { account: string; network: string }): void {
  const { throttle } = siege.people.identity;
  for (let index = 0; index < count; index += 1) throttle.assertMayTry({ ...toAttempt(index), isKnownDevice: false });
}

/** Somebody whose password or codes were guessed at before. */
async function setFailures({ userId }: Owner, what: "password" | "factor", count: number): Promise<void> {
  const text = `update users set ${what}_failures = $2 where user_id = $1`;
  await siege.stage.db.asAdmin(text, [toUuid(userId), count]);
}

describe("guessing one account's password", () => {
  it("from one network: ten guesses in 15 minutes at most, ever longer waits, and the owner is not kept out", async () => {
    const owner = await siege.addOwner("one");
    const found = await attack(() => siege.signIn(owner.email, wrong, { address: toAddress(1) }), { ms: hourMs });
    report("one account from one network", found);
    expect(countWithin(found.atMs, windowMs)).toBeLessThanOrEqual(10);
    expect(countWithin(found.atMs, hourMs)).toBeLessThanOrEqual(40);
    expect(found.waits.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
    await expectOwnerFine(owner);
  }, 120_000);

  it("50 at once from one network: as many are looked at as one after the other, and no more", async () => {
    const owner = await siege.addOwner("burst");
    const guesses = Array.from({ length: 50 }, () => siege.signIn(owner.email, wrong, { address: toAddress(2) }));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(4);
    expect(statuses.filter((status) => status === 429)).toHaveLength(46);
    expect((await siege.countFailures(owner.userId)).password).toBe(4);
    await expectOwnerFine(owner);
  }, 60_000);

  it("from 1,000 networks: 100 guesses in a row, then none, however long; the owner is not kept out, and ends it", async () => {
    const owner = await siege.addOwner("many");
    // The sample comes when most of it is done.
    await setFailures(owner, "password", sized(0, 88));
    const guess = (index: number) => siege.signIn(owner.email, wrong, { address: toAddress(1_000 + (index % 1_000)) });
    const found = await attack(guess, { ms: sized(24, 4) * hourMs });
    report("one account from 1,000 networks", found);
    const { password: lookedAt } = await siege.countFailures(owner.userId);
    process.stdout.write(`  ${lookedAt} were looked at in a row\n`);
    expect(countWithin(found.atMs, windowMs)).toBeLessThanOrEqual(40);
    expect(lookedAt).toBe(100);
    // The right one is one guess too many.
    const right = await siege.signIn(owner.email, password, { address: toAddress(5_000) });
    expect([401, 429]).toContain(right.status);
    await expectOwnerFine(owner);
    expect((await siege.countFailures(owner.userId)).password).toBe(0);
  }, 300_000);

  it("with a made-up device, somebody else's device or many names of one network there is no budget more", async () => {
    const [owner, other] = [await siege.addOwner("forged"), await siege.addOwner("accomplice")];
    const devices = [undefined, "A".repeat(43), other.device, "x"];
    const found = await attack(
      (index) => {
        const address = index % 2 === 0 ? "10.200.1.9" : `::ffff:10.200.1.${index % 250}`;
        return siege.signIn(owner.email.toUpperCase(), wrong, { address, device: devices[index % devices.length] });
      },
      { ms: windowMs },
    );
    report("one account from one network, in disguise", found);
    expect(countWithin(found.atMs, windowMs)).toBeLessThanOrEqual(10);
  }, 60_000);

  it("on a stolen device of the owner: ten in 15 minutes, 100 in a row", async () => {
    const owner = await siege.addOwner("stolen");
    const { device } = owner;
    const guess = (index: number) => siege.signIn(owner.email, wrong, { address: toAddress(6_000 + index), device });
    const found = await attack(guess, { ms: isWhole ? 48 * hourMs : hourMs });
    report("one account on its owner's device", found);
    expect(countWithin(found.atMs, windowMs)).toBeLessThanOrEqual(10);
    const [row] = await siege.stage.db.asAdmin<{ failures: number }>(
      "select max(password_failures) as failures from known_devices where user_id = $1",
      [toUuid(owner.userId)],
    );
    expect(row?.failures).toBeLessThanOrEqual(100);
    expect((await siege.tryAsOwner(owner))["passkey"]).toBe(200);
  }, 300_000);
});

describe("spraying 1,000 accounts", () => {
  it("from one network: 200 guesses in 15 minutes at most, with waits after the 50th", async () => {
    const owner = await siege.addOwner("sprayed");
    // The sample tells the throttle of most guesses itself: each that comes over the interface costs a hash.
    const told = sized(0, 40);
    tell(told, (index) => ({ account: `a-${index}`, network: toNetwork(toAddress(3)) }));
    const spray = (index: number): string => (index % 1_000 === 7 ? owner.email : `spray-${index % 1_000}@example.org`);
    const found = await attack((index) => siege.signIn(spray(index), wrong, { address: toAddress(3) }), { ms: hourMs });
    report(`1,000 accounts from one network, after ${told} more`, found);
    expect(told + countWithin(found.atMs, windowMs)).toBeLessThanOrEqual(200);
    expect(told + found.atMs.filter((at) => at === 0).length).toBe(51);
    expect(found.waits.slice(0, 4)).toEqual([1, 2, 4, 8]);
    await expectOwnerFine(owner);
  }, 120_000);

  it("from 1,000 networks: 3,000 guesses in 15 minutes, all told; whoever has a device or a passkey gets in", async () => {
    const owner = await siege.addOwner("flooded");
    const people = await siege.addPeople(sized(1_000, 40), "flood");
    const budget = 3_000;
    const told = sized(0, budget - 40);
    tell(told, (index) => ({ account: `a-${index % 1_000}`, network: `n-${index % 999}` }));
    const guess = (index: number): Promise<Answer> => {
      const { email = "" } = people[index % people.length] ?? {};
      return siege.signIn(email, wrong, { address: toAddress(10_000 + ((index * 7) % 1_000)) });
    };
    const answers: Answer[] = [];
    for (let index = 0; index < budget - told + 20; index += 4) {
      answers.push(...(await Promise.all([0, 1, 2, 3].map((more) => guess(index + more)))));
    }
    const lookedAt = answers.filter(({ status }) => status === 401).length;
    const [refused] = answers.filter(({ status }) => status === 429);
    process.stdout.write(
      `1,000 accounts from 1,000 networks: ${told + lookedAt} in 15 minutes, then ${String(refused?.code)}\n`,
    );
    expect(told + lookedAt).toBe(budget);
    expect(refused?.retryAfterSeconds).toBeLessThanOrEqual(windowMs / 1000);
    await expectOwnerFine(owner);
    await siege.passTime(windowMs);
    expect((await guess(99)).status).toBe(401);
  }, 900_000);
});

describe("guessing the second step with the password in hand", () => {
  it("100 codes in a row at most, whatever the number of tickets, and the owner keeps session and passkey", async () => {
    const owner = await siege.addOwner("codes");
    const sealer = await siege.stage.installation.sealer();
    const row = toUuid(owner.userId);
    const secret = sealer.seal(
      { table: "totp_factors", column: "secret", row },
      Buffer.alloc(20, 7).toString("latin1"),
    );
    const insert = "insert into totp_factors (user_id, secret, confirmed_at) values ($1, $2, now())";
    await siege.stage.db.asAdmin(insert, [row, secret]);
    await setFailures(owner, "factor", sized(0, 92));
    const address = toAddress(4);
    let accepted = 0;
    for (let ticketNumber = 0; ticketNumber < sized(110, 12); ticketNumber += 1) {
      const { ticket } = (await siege.signIn(owner.email, password, { address })).body;
      expect(ticket).toBeDefined();
      for (let tries = 0; tries < 6; tries += 1) {
        const code = { ticket, method: "totp", code: "000000" };
        const { status } = await siege.call("/sign-in/factor", code, { address });
        accepted += Number(status === 200);
      }
      await siege.passTime(windowMs);
    }
    const { factor } = await siege.countFailures(owner.userId);
    process.stdout.write(`codes looked at in a row: ${factor}\n`);
    expect([factor, accepted]).toEqual([100, 0]);
    const { session, passkey } = await siege.tryAsOwner(owner);
    expect([session, passkey]).toEqual([200, 200]);
  }, 300_000);
});
