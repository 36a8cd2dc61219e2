// The two kinds of load. Closed loop: a fixed number of messages in flight, each replaced when its POST is answered and
// its reply has arrived. Open loop: a fixed schedule, and latency counts from the scheduled time, so a server that stalls
// cannot slow the clock it is measured by.

import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../server/src/kernel/errors.ts";
import type { Ready } from "./children.ts";
import { benchErrors } from "./errors.ts";
import { Lane } from "./lane.ts";
import { Ledger } from "./ledger.ts";
import { makeShots } from "./messages.ts";
import { monotonicMs } from "./monotonic.ts";
import type { Sighting } from "./wire.ts";

/** Where sightings go: the ledger of the round that is running. */
export interface Watch {
  onSighting: (sighting: Sighting) => void;
}

export interface LoadOptions {
  readonly target: Ready;
  readonly watch: Watch;
  readonly members: number;
  readonly durationMs: number;
  /** The most messages the round may need; a closed loop that gets through them all ends early. */
  readonly shotsMax: number;
  readonly hasWebhooks: boolean;
}

export interface LoadResult {
  readonly messages: number;
  readonly elapsedMs: number;
  /** Unsorted. */
  readonly latenciesMs: readonly number[];
  readonly duplicates: number;
}

const drainTimeoutMs = 30_000;
const drainPollMs = 5;

/** Runs `inFlight` messages at a time. Fails `bench.wrong_answers` when a message is lost or answered wrongly. */
export async function runClosedLoop(options: LoadOptions, inFlight: number): Promise<LoadResult> {
  const ledger = open(options);
  const laneOf = new Uint16Array(options.shotsMax);
  const current = new Int32Array(inFlight).fill(-1);
  const lanes = await openLanes(options.target, inFlight, (lane, status) => {
    const index = current[lane] ?? -1;
    if (index >= 0) ledger.answer(index, status, monotonicMs());
  });
  const endsAtMs = monotonicMs() + options.durationMs;
  const next = (lane: number): void => {
    const nowMs = monotonicMs();
    current[lane] = -1;
    if (nowMs >= endsAtMs || ledger.isExhausted) return;
    const { index, bytes } = ledger.issue(nowMs);
    laneOf[index] = lane;
    current[lane] = index;
    lanes[lane]?.send(bytes);
  };
  ledger.onSettled = (index) => next(laneOf[index] ?? 0);
  for (let lane = 0; lane < inFlight; lane += 1) next(lane);
  await sleep(options.durationMs);
  return close(options, ledger, lanes);
}

const openLoopLanes = 64;

/** Sends at a fixed rate. Messages that find every connection busy wait, and their wait counts. */
export async function runOpenLoop(options: LoadOptions, perSecond: number): Promise<LoadResult> {
  const ledger = open(options);
  const current = new Int32Array(openLoopLanes).fill(-1);
  const free: number[] = Array.from({ length: openLoopLanes }, (_, lane) => lane);
  const waiting: { readonly index: number; readonly bytes: Buffer }[] = [];
  const lanes = await openLanes(options.target, openLoopLanes, (lane, status) => {
    ledger.answer(current[lane] ?? 0, status, monotonicMs());
    free.push(lane);
    sendWaiting();
  });
  const sendWaiting = (): void => {
    for (let shot = waiting[0]; shot !== undefined && free.length > 0; shot = waiting[0]) {
      waiting.shift();
      const lane = free.pop() as number;
      current[lane] = shot.index;
      lanes[lane]?.send(shot.bytes);
    }
  };
  await keepSchedule(options, perSecond, (dueMs) => {
    if (!ledger.isExhausted) waiting.push(ledger.issue(dueMs));
    sendWaiting();
  });
  return close(options, ledger, lanes);
}

function keepSchedule(options: LoadOptions, perSecond: number, onDue: (dueMs: number) => void): Promise<void> {
  const startMs = monotonicMs();
  const count = Math.floor((options.durationMs / 1_000) * perSecond);
  return new Promise((resolve) => {
    let done = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, Math.ceil(((monotonicMs() - startMs) / 1_000) * perSecond));
      for (; done < due; done += 1) onDue(startMs + (done * 1_000) / perSecond);
      if (done < count) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}

function open(options: LoadOptions): Ledger {
  const ledger = new Ledger(makeShots(options.target.apps, options.shotsMax, options.members), options.hasWebhooks);
  options.watch.onSighting = (sighting) => ledger.see(sighting);
  return ledger;
}

async function openLanes(
  target: Ready,
  count: number,
  onAnswer: (lane: number, status: number) => void,
): Promise<readonly Lane[]> {
  return Promise.all(
    Array.from({ length: count }, (_, lane) => Lane.open(target.baseUrl, (status) => onAnswer(lane, status))),
  );
}

async function close(options: LoadOptions, ledger: Ledger, lanes: readonly Lane[]): Promise<LoadResult> {
  const deadlineMs = monotonicMs() + drainTimeoutMs;
  while (!ledger.isComplete && monotonicMs() < deadlineMs) await sleep(drainPollMs);
  for (const lane of lanes) lane.close();
  const { wrongs } = ledger;
  const found = Object.entries(wrongs).filter(([, count]) => count > 0);
  if (found.length > 0) {
    const list = found.map(([name, count]) => `${count} ${name}`).join(", ");
    const detail = `Of ${ledger.issued} messages to ${options.target.baseUrl}: ${list}.`;
    throw new AppError(benchErrors.wrong, { detail, note: detail });
  }
  return {
    messages: ledger.issued,
    elapsedMs: ledger.elapsedMs,
    latenciesMs: ledger.latenciesMs,
    duplicates: ledger.duplicates,
  };
}
