// The conversation pipeline of one process: takes events in, processes them, sends what came of them, and lets callers wait
// for what became of either. Any number of processes may run it on one database.

import type { Clock } from "../../kernel/clock.ts";
import type { EventId, MessageId } from "../../kernel/ids.ts";
import type { Database } from "../../platform/db/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import type { OutboundClient } from "../../platform/outbound/index.ts";
import type { ProgramLibrary } from "../bots/index.ts";
import type { ChannelDirectory } from "../channels/index.ts";
import type { Keychain } from "../keys/index.ts";
import { AppConfigurations } from "./app-configuration.ts";
import type { Publish } from "./events.ts";
import { type Arrival, Ingest, type Receipt } from "./ingest.ts";
import type { Lease } from "./outcome-store.ts";
import { Processor } from "./process.ts";
import { Sender } from "./send.ts";
import type { EventResult, Sending, SendResult } from "./types.ts";
import { WorkLoop } from "./work-loop.ts";

/** A lease outlives any backlog in memory; a process that is gone is noticed by its missing lock, not by the lease. */
const leaseSeconds = 600;
const idleMs = { processing: 500, claiming: 500 } as const;
const processingLoops = 2;
const stopGraceMs = 10_000;

export interface PipelineOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly directory: ChannelDirectory;
  readonly library: ProgramLibrary;
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publish: Publish;
  readonly apiUrls: Readonly<Record<string, string>>;
  /** This process's number and whether the others can see it. */
  readonly presence: { readonly number: number; readonly isHeld: boolean };
  /** False in a process that only takes events in. */
  readonly works: boolean;
  readonly keepsTraces?: boolean;
}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #ingest: Ingest;
  readonly #processor: Processor;
  readonly #sender: Sender;
  /** Side by side: while one waits for the disk, the other computes. Lanes keep them off each other's members. */
  readonly #processing: readonly WorkLoop[];
  readonly #claiming: WorkLoop;
  readonly #waitingForEvents = new Map<EventId, (result: EventResult) => void>();
  readonly #waitingForMessages = new Map<MessageId, (result: SendResult) => void>();
  readonly counts = { received: 0, processed: 0, sent: 0, failed: 0, retried: 0 };

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { database, keychain, directory, outbound, clock, log, publish, apiUrls } = options;
    const lease = (): Lease => this.lease;
    this.#sender = new Sender({
      ...{ database, keychain, directory, outbound, clock, log, lease, publish, apiUrls },
      onResult: (result) => this.#settleMessage(result),
    });
    this.#processor = new Processor({
      ...{ database, keychain, clock, log, lease, publish },
      configurations: new AppConfigurations(options.library),
      keepsTraces: options.keepsTraces ?? true,
      onQueued: (sendings) => this.#sender.add(sendings),
      onProcessed: (results) => this.#settleEvents(results),
    });
    this.#processing = Array.from(
      { length: processingLoops },
      () => new WorkLoop({ name: "processing", idleMs: idleMs.processing, log, work: () => this.#process() }),
    );
    this.#claiming = new WorkLoop({ name: "claiming", idleMs: idleMs.claiming, log, work: () => this.#claim() });
    this.#ingest = new Ingest({
      ...{ database, keychain, log, lease, processor: this.#processor },
      mayRun: () => options.works && options.presence.isHeld,
      onStored: () => this.wake(),
    });
  }

  /** This process's lease on outgoing messages. */
  get lease(): Lease {
    return { owner: this.#options.presence.number, seconds: leaseSeconds };
  }

  /** Messages in memory on their way out. */
  get held(): number {
    return this.#sender.held;
  }

  /** Records events in the transaction that makes them true. */
  get publish(): Publish {
    return this.#options.publish;
  }

  start(): void {
    if (!this.#options.works) return;
    for (const loop of this.#processing) loop.start();
    this.#claiming.start();
  }

  /** Stops processing, lets calls under way finish, gives the rest back. */
  async stop(): Promise<void> {
    await this.#ingest.drain();
    await Promise.all([...this.#processing, this.#claiming].map((loop) => loop.stop()));
    await this.#sender.stop(stopGraceMs);
  }

  /** Says that events may be waiting. */
  wake(): void {
    if (!this.#options.works) return;
    const idle = this.#processing.find((loop) => !loop.isBusy);
    (idle ?? this.#processing[0])?.wake();
  }

  /** Stores what arrived; resolves when it is committed. */
  async accept(arrival: Arrival): Promise<readonly Receipt[]> {
    this.counts.received += arrival.events.length;
    return this.#ingest.accept(arrival);
  }

  /** Sends messages that a transaction queued and leased to this process. Call after its commit. */
  send(sendings: readonly Sending[]): void {
    this.#sender.add(sendings);
  }

  /** What became of an event, or undefined when it is not known within `timeoutMs`. Ask before the event is stored or right after. */
  waitForEvent(eventId: EventId, timeoutMs: number): Promise<EventResult | undefined> {
    return waitIn(this.#waitingForEvents, eventId, timeoutMs);
  }

  /** What became of a message, or undefined when it is not known within `timeoutMs`. Ask before `send`. */
  waitForMessage(messageId: MessageId, timeoutMs: number): Promise<SendResult | undefined> {
    return waitIn(this.#waitingForMessages, messageId, timeoutMs);
  }

  async #process(): Promise<boolean> {
    // While this process has no number it could lease nothing, and what it leased before may be with others.
    if (!this.#options.presence.isHeld) return false;
    return (await this.#processor.runBatch()) > 0;
  }

  async #claim(): Promise<boolean> {
    // Without its lock this process would look dead, and others would send what it holds.
    if (!this.#options.presence.isHeld) return false;
    return (await this.#sender.claim()) > 0;
  }

  #settleEvents(results: readonly EventResult[]): void {
    this.counts.processed += results.length;
    for (const result of results) this.#waitingForEvents.get(result.eventId)?.(result);
  }

  #settleMessage(result: SendResult): void {
    if (result.status === "queued") this.counts.retried += 1;
    else this.counts[result.status] += 1;
    this.#waitingForMessages.get(result.messageId)?.(result);
  }
}

function waitIn<K, R>(waiting: Map<K, (result: R) => void>, key: K, timeoutMs: number): Promise<R | undefined> {
  return new Promise((resolve) => {
    const finish = (result: R | undefined): void => {
      waiting.delete(key);
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    waiting.set(key, finish);
  });
}
