import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../kernel/clock.ts";
import { AppError } from "../../../kernel/errors.ts";
import { FailureCounter } from "./failure-counter.ts";
import { consecutiveFailuresMax, delayMaxMs, isAuthenticatorSpent, toDelay } from "./sign-in-policy.ts";
import { type SignInAttempt, SignInThrottle } from "./sign-in-throttle.ts";

const minuteMs = 60_000;
const alice: SignInAttempt = { account: "index-a", network: "192.0.2.0/24", isKnownDevice: false };
const aliceAtHome: SignInAttempt = { ...alice, network: "198.51.100.0/24" };
const aliceKnown: SignInAttempt = { ...alice, isKnownDevice: true };

function create(startMs = 1_000_000) {
  const clock = createManualClock(startMs);
  return { clock, throttle: new SignInThrottle({ clock }) };
}

/** Tries once and fails: seconds to wait if it was refused, 0 if it was let through. */
function fail(throttle: SignInThrottle, attempt: SignInAttempt): number {
  try {
    throttle.assertMayTry(attempt);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "identity.too_many_attempts") throw error;
    expect(error.status).toBe(429);
    return error.retryAfterSeconds ?? Number.NaN;
  }
}

/** Tries as often as it is let through, waiting as told, until the time is over; how often that was. */
function guessFor(durationMs: number, { clock, throttle }: ReturnType<typeof create>, attempt: () => SignInAttempt) {
  const endMs = clock.nowMs() + durationMs;
  let tries = 0;
  while (clock.nowMs() < endMs) {
    const waitSeconds = fail(throttle, attempt());
    if (waitSeconds === 0) tries += 1;
    clock.advance(Math.max(1, waitSeconds * 1000));
  }
  return tries;
}

describe("the wait after failures", () => {
  it.each([
    [0, 0],
    [3, 0],
    [4, 1_000],
    [5, 2_000],
    [6, 4_000],
    [10, 64_000],
    [13, 512_000],
    [14, 900_000],
    [100, 900_000],
    [100_000, 900_000],
  ])("after %i in a row is %i ms", (failures, delayMs) => {
    expect(toDelay(failures)).toBe(delayMs);
  });

  it("grows, is never negative and never above 15 minutes", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(50), (failures, free) => {
        expect(toDelay(failures, free)).toBeGreaterThanOrEqual(0);
        expect(toDelay(failures + 1, free)).toBeGreaterThanOrEqual(toDelay(failures, free));
        expect(toDelay(failures, free)).toBeLessThanOrEqual(delayMaxMs);
      }),
    );
  });

  it("an authenticator is spent after 100 failures in a row", () => {
    expect(consecutiveFailuresMax).toBe(100);
    expect([isAuthenticatorSpent(99), isAuthenticatorSpent(100), isAuthenticatorSpent(101)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("sign-in throttling", () => {
  it("lets somebody mistype three times without a wait, then makes the waits grow", () => {
    const { clock, throttle } = create();
    for (let round = 0; round < 4; round += 1) expect(fail(throttle, alice)).toBe(0);
    for (const seconds of [1, 2, 4, 8, 16, 32]) {
      expect(fail(throttle, alice)).toBe(seconds);
      clock.advance(seconds * 1000 - 1);
      expect(fail(throttle, alice)).toBe(1);
      clock.advance(1);
      expect(fail(throttle, alice)).toBe(0);
    }
  });

  it("SECURITY: at most ten failures in any 15 minutes for one account from one network", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 * minuteMs }), { maxLength: 120 }), (pauses) => {
        const { clock, throttle } = create();
        const passed: number[] = [];
        for (const pauseMs of pauses) {
          clock.advance(pauseMs);
          if (fail(throttle, alice) === 0) passed.push(clock.nowMs());
        }
        for (const startMs of passed) {
          const inWindow = passed.filter((time) => time >= startMs && time < startMs + 15 * minuteMs);
          expect(inWindow.length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it("SECURITY: guesses sent side by side do not pass together", () => {
    const { throttle } = create();
    const passed = Array.from({ length: 50 }, () => fail(throttle, alice)).filter((wait) => wait === 0);
    expect(passed).toHaveLength(4);
  });

  it("SECURITY: a patient guesser gets a few hundred tries a day from one network", () => {
    const state = create();
    const tries = guessFor(24 * 60 * minuteMs, state, () => alice);
    expect(tries).toBeGreaterThan(50);
    expect(tries).toBeLessThan(300);
  });

  it("SECURITY: guessing one account from ever other networks is slowed down too", () => {
    const state = create();
    let network = 0;
    const tries = guessFor(24 * 60 * minuteMs, state, () => ({ ...alice, network: `net-${(network += 1)}` }));
    expect(tries).toBeLessThan(150);
  });

  it("SECURITY: guessing many accounts from one network is slowed down", () => {
    const state = create();
    let account = 0;
    const tries = guessFor(15 * minuteMs, state, () => ({ ...alice, account: `index-${(account += 1)}` }));
    expect(tries).toBeLessThanOrEqual(200);
  });

  it("SECURITY: guessing many accounts from many networks is bounded overall", () => {
    const { throttle } = create();
    let passed = 0;
    for (let round = 0; round < 5_000; round += 1) {
      passed += Number(fail(throttle, { account: `i${round}`, network: `n${round}`, isKnownDevice: false }) === 0);
    }
    expect(passed).toBe(3_000);
  });

  it("SECURITY: no stranger locks an owner out of a device that signed in before", () => {
    const state = create();
    let network = 0;
    guessFor(60 * minuteMs, state, () => ({ ...alice, network: `net-${(network += 1)}` }));
    guessFor(60 * minuteMs, state, () => alice);
    for (let round = 0; round < 4_000; round += 1) {
      fail(state.throttle, { account: `i${round}`, network: `n${round}`, isKnownDevice: false });
    }
    expect(fail(state.throttle, alice)).toBeGreaterThan(0);
    expect(fail(state.throttle, aliceKnown)).toBe(0);
  });

  it("SECURITY: a known device has its own limit, and its failures cost others nothing", () => {
    const state = create();
    const tries = guessFor(15 * minuteMs, state, () => aliceKnown);
    expect(tries).toBeLessThanOrEqual(10);
    expect(fail(state.throttle, alice)).toBe(0);
  });

  it("a failure from one network does not stop the owner at another", () => {
    const { throttle } = create();
    while (fail(throttle, alice) === 0);
    expect(fail(throttle, aliceAtHome)).toBe(0);
  });

  it("an owner without a known device waits 15 minutes at most", () => {
    const state = create();
    let network = 0;
    guessFor(600 * minuteMs, state, () => ({ ...alice, network: `net-${(network += 1)}` }));
    expect(fail(state.throttle, aliceAtHome)).toBeLessThanOrEqual(15 * 60);
  });

  it("success forgets one's own failures", () => {
    const { clock, throttle } = create();
    for (let round = 0; round < 3; round += 1) fail(throttle, alice);
    throttle.assertMayTry(alice);
    throttle.countSuccess(alice);
    for (let round = 0; round < 4; round += 1) expect(fail(throttle, alice)).toBe(0);
    clock.advance(1);
    expect(fail(throttle, alice)).toBe(1);
  });

  it("SECURITY: signing in to an account of one's own washes nobody else's failures away", () => {
    const state = create();
    const own: SignInAttempt = { account: "own", network: alice.network, isKnownDevice: false };
    let account = 0;
    let tries = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const isOwnTurn = round % 2 === 0;
      const attempt = isOwnTurn ? own : { ...alice, account: `index-${(account += 1)}` };
      if (fail(state.throttle, attempt) > 0) continue;
      if (isOwnTurn) state.throttle.countSuccess(own);
      else tries += 1;
    }
    expect(tries).toBeLessThanOrEqual(51);
  });

  it("an attempt that was never looked at does not count", () => {
    const { throttle } = create();
    for (let round = 0; round < 500; round += 1) {
      expect(fail(throttle, alice)).toBe(0);
      throttle.takeBack(alice);
    }
  });

  it("counting what was never tried changes nothing", () => {
    const { throttle } = create();
    throttle.takeBack(alice);
    throttle.countSuccess(alice);
    for (let round = 0; round < 4; round += 1) expect(fail(throttle, alice)).toBe(0);
    expect(fail(throttle, alice)).toBe(1);
  });
});

describe("a failure counter", () => {
  it("keeps a bounded number of keys and forgets what failed longest ago", () => {
    const clock = createManualClock(0);
    const counter = new FailureCounter({ clock, budget: { freeFailures: 0, windowMax: 5 }, entriesMax: 100 });
    for (let round = 0; round < 1_000; round += 1) {
      clock.advance(1);
      counter.count(`k${round}`);
      counter.count("kept alive");
    }
    expect(counter.size).toBe(100);
    expect(counter.getWaitMs("kept alive")).toBeGreaterThan(0);
    expect(counter.getWaitMs("k999")).toBeGreaterThan(0);
    expect(counter.getWaitMs("k0")).toBe(0);
  });

  it("forgets everything an hour after the last failure", () => {
    const clock = createManualClock(0);
    const counter = new FailureCounter({ clock, budget: { freeFailures: 0, windowMax: 5 }, entriesMax: 100 });
    for (let round = 0; round < 20; round += 1) counter.count("k");
    clock.advance(60 * minuteMs - 1);
    counter.count("k");
    expect(counter.getWaitMs("k")).toBe(delayMaxMs);
    clock.advance(60 * minuteMs);
    counter.count("other");
    expect(counter.size).toBe(1);
    expect(counter.getWaitMs("k")).toBe(0);
  });
});
