// One round of the load generator: begins messages, and notes what becomes of them.

import { setTimeout as sleep } from "node:timers/promises";
import { Connections } from "./connections.ts";
import { Ledger, type RoundResult } from "./ledger.ts";
import { nowMs } from "./monotonic.ts";
import type { Sighting } from "./sightings.ts";
import type { Aim, Traffic } from "./traffic.ts";

/** Closed: so many on their way, the next begins when one is done. Open: due by schedule, whatever the server does. */
export type Pace =
  | { readonly kind: "closed"; readonly inFlight: number }
  | { readonly kind: "open"; readonly perSecond: number };

export interface RoundPlan {
  readonly aim: Aim;
  readonly pace: Pace;
  readonly seconds: number;
  /** Ends the round early after so many messages. */
  readonly messagesMax?: number;
  /** Every message must also be told to the webhook receiver, coming and going. */
  readonly expectsWebhooks: boolean;
}

const openLoopConnections = 64;
const drainMsMax = 30_000;
const settleMs = 30;

class LoadRound {
  readonly startMs = nowMs();
  readonly endMs: number;
  readonly ledger: Ledger;
  readonly #messagesMax: number;
  readonly #connections: Connections;
  readonly #traffic: Traffic;

  constructor(plan: RoundPlan, traffic: Traffic, connections: Connections) {
    this.#messagesMax = plan.messagesMax ?? Number.POSITIVE_INFINITY;
    this.#traffic = traffic;
    this.#connections = connections;
    this.endMs = this.startMs + plan.seconds * 1000;
    const onReplied = plan.pace.kind === "closed" ? () => this.sendNext(nowMs()) : () => undefined;
    this.ledger = new Ledger({ traffic, expectsWebhooks: plan.expectsWebhooks, onReplied });
    connections.onAnswer = (order, status) => {
      this.ledger.answered(order, status);
      // A refused message never gets its reply; the next one takes its place.
      if (status !== 200) onReplied();
    };
  }

  get isOver(): boolean {
    return nowMs() >= this.endMs || this.ledger.next - this.#traffic.first >= this.#messagesMax;
  }

  sendNext(dueMs: number): void {
    if (this.isOver) return;
    const order = this.ledger.begin(dueMs);
    this.#connections.send(order, this.#traffic.take(order));
  }

  /** Waits until everything arrived, for half a minute at most, and a moment longer for repeats. */
  async finish(): Promise<RoundResult> {
    this.ledger.endTime(nowMs());
    const giveUpMs = nowMs() + drainMsMax;
    while (!this.ledger.isComplete && nowMs() < giveUpMs) await sleep(2);
    await sleep(settleMs);
    return this.ledger.toResult(this.startMs);
  }
}

async function runClosed(round: LoadRound, inFlight: number): Promise<void> {
  for (let count = 0; count < inFlight; count += 1) round.sendNext(nowMs());
  while (!round.isOver) await sleep(Math.min(5, Math.max(1, round.endMs - nowMs())));
}

/** Begins what is due each millisecond. */
async function runOpen(round: LoadRound, perSecond: number): Promise<void> {
  const gapMs = 1000 / perSecond;
  for (let dueMs = round.startMs; !round.isOver; ) {
    const untilMs = Math.min(nowMs(), round.endMs);
    for (; dueMs <= untilMs; dueMs += gapMs) round.sendNext(dueMs);
    await sleep(1);
  }
}

/**
 * Runs one round. `watch` is told who wants to hear of what the platform sees. Rejects when the server does not take
 * connections.
 */
export async function runLoad(
  plan: RoundPlan,
  traffic: Traffic,
  watch: (onSighting: (sighting: Sighting) => void) => void,
): Promise<RoundResult> {
  const { pace, aim } = plan;
  const count = pace.kind === "closed" ? pace.inFlight : openLoopConnections;
  const connections = await Connections.open(Number(new URL(aim.apps[0]?.inboundUrl ?? "").port), count);
  try {
    const round = new LoadRound(plan, traffic, connections);
    watch((sighting) => round.ledger.sighted(sighting));
    await (pace.kind === "closed" ? runClosed(round, pace.inFlight) : runOpen(round, pace.perSecond));
    return await round.finish();
  } finally {
    connections.close();
  }
}
