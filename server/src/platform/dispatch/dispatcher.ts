// Sends leased work to the outside, whatever it is: messages to platforms, events to webhook endpoints. Work of one lane
// goes out strictly in order, one at a time; lanes run side by side; each target (a channel, an endpoint) has its own
// slots and its own breaker, so a dead target holds up nobody else's work and little memory. What cannot be sent is given
// back to the database with the time of its next try; the dispatcher itself remembers nothing across a restart.

import type { Clock } from "../../kernel/clock.ts";
import { drawFraction } from "../crypto/random.ts";

export interface Work {
  /** Work with the same lane goes out in order. */
  readonly lane: string;
  /** What is called: slots and breaker are per target. */
  readonly target: string;
  /** Tries before this one. */
  readonly attempts: number;
}

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed" }
  /** `retryAfterMs` when the target said when. */
  | { readonly kind: "retry"; readonly retryAfterMs?: number; readonly throttled?: boolean }
  /** Our own side failed, the database say: soon again unless told, and nothing is held against the target. */
  | { readonly kind: "unready"; readonly retryAfterMs?: number };

export interface DispatcherOptions<W extends Work> {
  readonly clock: Clock;
  /**
   * One try. Never throws. `onCalled` says that the call went well and is over, so that the target's slot is free while what
   * came of it is still being recorded.
   */
  readonly attempt: (work: W, onCalled: () => void) => Promise<Outcome>;
  /** Gives work back: it is free again at `dueAtMs`. Work of the same lane behind it is given back too. */
  readonly release: (work: readonly W[], dueAtMs: number, wasTried: boolean) => Promise<void>;
  /** Calls under way for one target at most. */
  readonly targetSlots: number;
  /** Work held in memory for one target at most; more is given back. */
  readonly targetBacklogMax: number;
  readonly backlogMax: number;
  /** Milliseconds until the next try, by tries made. The last one repeats. */
  readonly retryDelaysMs: readonly number[];
}

interface Target {
  /** Calls under way. */
  running: number;
  /** Begun and not settled: calls, and what is being recorded. */
  begun: number;
  /** What a call takes, on average of the last dozen. */
  callMs: number;
  /** When everything that was sent away because the target was full will have had its turn. */
  busyUntilMs: number;
  held: number;
  failuresInARow: number;
  /** No call before this: the target was throttled or fails. */
  closedUntilMs: number;
  readonly ready: string[];
}

/** Recorded side by side at most, as a multiple of the slots: as much is done twice when this process dies. */
const begunPerSlot = 4;
const callMsFirst = 50;
const callMsWeight = 1 / 12;
/** Whoever is sent away because a target is full comes back by then, however slow the target seems. */
const busyMsMax = 300_000;
const failuresToOpen = 5;
const breakerMs = 5_000;
const releaseSoonMs = 500;
/** Longer than any transaction may stay open. */
const deferredMs = 60_000;

export class Dispatcher<W extends Work> {
  readonly #options: DispatcherOptions<W>;
  readonly #lanes = new Map<string, W[]>();
  readonly #targets = new Map<string, Target>();
  readonly #giving = new Map<string, Promise<void>>();
  /**
   * Lanes given back, and until when that matters: a transaction that was open meanwhile may still bring fresh work of the
   * lane, which would overtake what was given back.
   */
  readonly #deferred = new Map<string, number>();
  #held = 0;
  #running = 0;
  #isStopping = false;
  #idle = Promise.withResolvers<void>();

  constructor(options: DispatcherOptions<W>) {
    this.#options = options;
  }

  /** Work in memory, under way included. */
  get held(): number {
    return this.#held;
  }

  /**
   * Takes leased work, in order. What does not fit is given back at once. `fresh` work was leased by the transaction that
   * made it; `claimed` work was read back from the database, lane by lane.
   */
  add(work: readonly W[], origin: "fresh" | "claimed"): void {
    if (origin === "claimed") for (const one of work) this.#deferred.delete(one.lane);
    for (const one of work) this.#addOne(one);
  }

  /**
   * When new work for a target would be taken, if not now. Asking takes a place in the line: who is told a time leaves the
   * work free until then, instead of leasing it and giving it back.
   */
  findTurnMs(targetName: string): number | undefined {
    const target = this.#targets.get(targetName);
    const nowMs = this.#options.clock.nowMs();
    // What was sent away before comes first.
    if (target !== undefined && target.busyUntilMs > nowMs) return this.#takePlaceInLine(target, nowMs);
    return target === undefined ? undefined : this.#findTurnMs(target);
  }

  /** Stops taking work, waits up to `graceMs` for calls under way, and gives everything else back. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const rest = [...this.#lanes.entries()].flatMap(([lane, queue]) => this.#cutTail(lane, queue));
    if (rest.length > 0) await this.#giveBack(rest, this.#options.clock.nowMs(), false);
    if (this.#running > 0) {
      const timer = setTimeout(() => this.#idle.resolve(), graceMs);
      await this.#idle.promise;
      clearTimeout(timer);
    }
    await Promise.all(this.#giving.values());
  }

  #addOne(work: W): void {
    const target = this.#targetOf(work.target);
    const turnMs = this.#findTurnMs(target);
    if (turnMs !== undefined || this.#isDeferred(work.lane)) {
      this.#releaseSoon(work, turnMs ?? this.#options.clock.nowMs() + releaseSoonMs);
      return;
    }
    this.#held += 1;
    target.held += 1;
    const queue = this.#lanes.get(work.lane);
    if (queue !== undefined) {
      queue.push(work);
      return;
    }
    this.#lanes.set(work.lane, [work]);
    target.ready.push(work.lane);
    this.#start(work.target, target);
  }

  #findTurnMs(target: Target): number | undefined {
    const nowMs = this.#options.clock.nowMs();
    const isFull = target.held >= this.#options.targetBacklogMax;
    if (isFull) return this.#takePlaceInLine(target, nowMs);
    const isBusy = this.#isStopping || this.#held >= this.#options.backlogMax || target.closedUntilMs > nowMs;
    return isBusy ? Math.max(target.closedUntilMs, nowMs + releaseSoonMs) : undefined;
  }

  /** Behind what is held and what was sent away before, at the pace of the target: nobody comes back to a full house. */
  #takePlaceInLine(target: Target, nowMs: number): number {
    const msEach = target.callMs / this.#options.targetSlots;
    const drainedMs = Math.max(nowMs + target.held * msEach, target.closedUntilMs, nowMs + releaseSoonMs);
    target.busyUntilMs = Math.min(Math.max(target.busyUntilMs, drainedMs) + msEach, nowMs + busyMsMax);
    return target.busyUntilMs;
  }

  #isDeferred(lane: string): boolean {
    const untilMs = this.#deferred.get(lane);
    if (untilMs === undefined) return false;
    if (this.#giving.has(lane) || untilMs > this.#options.clock.nowMs()) return true;
    this.#deferred.delete(lane);
    return false;
  }

  #releaseSoon(work: W, dueAtMs: number): void {
    const before = this.#giving.get(work.lane) ?? Promise.resolve();
    this.#track(
      work.lane,
      before.then(() => this.#options.release([work], dueAtMs, false)),
    );
  }

  #targetOf(name: string): Target {
    let target = this.#targets.get(name);
    if (target === undefined) {
      target = {
        running: 0,
        begun: 0,
        callMs: callMsFirst,
        busyUntilMs: 0,
        held: 0,
        failuresInARow: 0,
        closedUntilMs: 0,
        ready: [],
      };
      this.#targets.set(name, target);
    }
    return target;
  }

  #start(name: string, target: Target): void {
    const { targetSlots } = this.#options;
    while (target.running < targetSlots && target.begun < targetSlots * begunPerSlot) {
      const lane = target.ready.shift();
      if (lane === undefined) return;
      const work = this.#lanes.get(lane)?.[0];
      if (work === undefined) continue;
      target.running += 1;
      target.begun += 1;
      this.#running += 1;
      void this.#runOne(name, target, work);
    }
  }

  async #runOne(name: string, target: Target, work: W): Promise<void> {
    const { clock } = this.#options;
    const startMs = clock.nowMs();
    let isCalling = true;
    const free = (): void => {
      if (!isCalling) return;
      isCalling = false;
      target.running -= 1;
      target.callMs += (clock.nowMs() - startMs - target.callMs) * callMsWeight;
    };
    const outcome = await this.#options.attempt(work, () => {
      free();
      this.#start(name, target);
    });
    free();
    target.begun -= 1;
    this.#running -= 1;
    this.#settle(target, work, outcome);
    this.#start(name, target);
    const isUnused = target.held === 0 && Math.max(target.closedUntilMs, target.busyUntilMs) <= clock.nowMs();
    if (isUnused && target.failuresInARow === 0) this.#targets.delete(name);
    if (this.#isStopping && this.#running === 0) this.#idle.resolve();
  }

  #settle(target: Target, work: W, outcome: Outcome): void {
    const queue = this.#lanes.get(work.lane) ?? [];
    if (outcome.kind === "done" || outcome.kind === "failed") {
      target.failuresInARow = 0;
      queue.shift();
      this.#forget(target, 1);
      if (queue.length === 0) this.#lanes.delete(work.lane);
      else target.ready.push(work.lane);
      return;
    }
    const wasTried = outcome.kind === "retry";
    const dueAtMs = wasTried
      ? this.#closeTarget(target, work, outcome)
      : this.#options.clock.nowMs() + (outcome.retryAfterMs ?? releaseSoonMs);
    this.#lanes.delete(work.lane);
    this.#forget(target, queue.length);
    this.#track(work.lane, this.#options.release(queue, dueAtMs, wasTried));
    if (target.closedUntilMs > this.#options.clock.nowMs()) this.#giveBackReady(target);
  }

  /** When the work may be tried again; closes the target's breaker when it is throttled or keeps failing. */
  #closeTarget(target: Target, work: W, outcome: Extract<Outcome, { kind: "retry" }>): number {
    const { clock, retryDelaysMs } = this.#options;
    const nowMs = clock.nowMs();
    const planned = retryDelaysMs[Math.min(work.attempts, retryDelaysMs.length - 1)] ?? 0;
    // A tenth more or less, so that work that failed together does not come back together.
    const delayMs = Math.max(outcome.retryAfterMs ?? 0, planned * (0.9 + 0.2 * drawFraction()));
    target.failuresInARow += 1;
    if (outcome.throttled === true) target.closedUntilMs = nowMs + delayMs;
    else if (target.failuresInARow >= failuresToOpen) target.closedUntilMs = nowMs + breakerMs;
    return nowMs + delayMs;
  }

  /** Gives back all work of a closed target that has not begun. */
  #giveBackReady(target: Target): void {
    for (const lane of target.ready.splice(0)) {
      const queue = this.#lanes.get(lane) ?? [];
      this.#lanes.delete(lane);
      this.#forget(target, queue.length);
      this.#track(lane, this.#options.release(queue, target.closedUntilMs, false));
    }
  }

  /** What of a lane has not begun. */
  #cutTail(lane: string, queue: W[]): W[] {
    const first = queue[0];
    if (first === undefined) return [];
    const target = this.#targetOf(first.target);
    const waits = target.ready.includes(lane);
    const tail = queue.splice(waits ? 0 : 1);
    this.#forget(target, tail.length);
    if (waits) {
      target.ready.splice(target.ready.indexOf(lane), 1);
      this.#lanes.delete(lane);
    }
    return tail;
  }

  #giveBack(work: readonly W[], dueAtMs: number, wasTried: boolean): Promise<void> {
    return this.#options.release(work, dueAtMs, wasTried);
  }

  #forget(target: Target, count: number): void {
    target.held -= count;
    this.#held -= count;
  }

  #track(lane: string, giving: Promise<void>): void {
    this.#deferred.delete(lane);
    this.#deferred.set(lane, this.#options.clock.nowMs() + deferredMs);
    this.#pruneDeferred();
    const settled = giving.finally(() => {
      if (this.#giving.get(lane) === settled) this.#giving.delete(lane);
    });
    this.#giving.set(lane, settled);
    // `release` reports its own failures; a lease that could not be given back runs out by itself.
    settled.catch(() => undefined);
  }

  /** Drops entries whose time is over: the oldest stand first. */
  #pruneDeferred(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const [lane, untilMs] of this.#deferred) {
      if (untilMs > nowMs) return;
      this.#deferred.delete(lane);
    }
  }
}
