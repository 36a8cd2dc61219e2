// Sends queued messages to their platforms and records what became of them. Results of many messages share a commit. A
// message whose result is not recorded is sent again after a crash, with the same reference.

import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { fromUuid, type MessageId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { Batcher } from "../../platform/batching/batcher.ts";
import { recordSurely } from "../../platform/batching/record-surely.ts";
import { type BatchTx, type Database, isDeterministic } from "../../platform/db/index.ts";
import { Dispatcher, type Outcome, openEach, type Work } from "../../platform/dispatch/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import type { OutboundClient } from "../../platform/outbound/index.ts";
import type { Channel, ChannelDirectory, SendVerdict } from "../channels/index.ts";
import type { Keychain, Sealer } from "../keys/index.ts";
import type { ConversationEvent, Publish } from "./events.ts";
import { lockClasses } from "./lane.ts";
import type { Lease } from "./outcome-store.ts";
import { toPlatformKey } from "./run-statuses.ts";
import {
  type ClaimedSending,
  claimOutboxSql,
  loadSendings,
  recordSent,
  releaseSendings,
  type SentMessage,
} from "./send-store.ts";
import type { MessageContent, Sending, SendResult } from "./types.ts";

const recordBatchMax = 256;
/** Platforms answer one after the other: results of some milliseconds share a commit. */
const recordGatherMs = 3;
const claimMax = 500;
const platformTimeoutMs = 15_000;
/** Until a message that keeps failing is given up: as long as a customer might still want the answer. */
const giveUpAfterMs = 24 * 3_600_000;
/** Until a message is sent again whose result the database refuses: nobody is told the same every few seconds. */
const unrecordedMs = 1_800_000;
const retryDelaysMs = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000];
const actor = { kind: "system", job: "sending" } as const;

export interface SenderOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly directory: ChannelDirectory;
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lease: () => Lease;
  readonly publish: Publish;
  /** Base address of each kind of platform's API. */
  readonly apiUrls: Readonly<Record<string, string>>;
  readonly onResult: (result: SendResult) => void;
}

/** SECURITY: what the bot could not send before a person took the conversation is not said after them. */
const overtaken: SendVerdict = {
  kind: "failed",
  code: "conversation_taken",
  sentence: "A person took the conversation before this message of the bot was sent.",
};

interface SendWork extends Work {
  readonly sending: Sending;
}

interface Unreleased {
  readonly work: readonly SendWork[];
  readonly dueAtMs: number;
  readonly wasTried: boolean;
}

interface Recording {
  readonly sending: Sending;
  readonly channel: Channel | undefined;
  readonly verdict: Exclude<SendVerdict, { kind: "retry" }>;
}

function toWork(sending: Sending): SendWork {
  const { tenant, channelId, laneNumber, attempts } = sending;
  return { lane: `${tenant.appId}:${laneNumber}`, target: channelId, attempts, sending };
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #dispatcher: Dispatcher<SendWork>;
  readonly #recorder: Batcher<Recording, void>;
  readonly #held = new Set<MessageId>();
  /** Fresh messages that wait for the end of a claim under way. */
  #meanwhile: Sending[] | undefined;
  readonly #unreleased: Unreleased[] = [];
  #isStopping = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#recorder = new Batcher({
      batchMax: recordBatchMax,
      gatherMs: recordGatherMs,
      handle: (batch) => this.#record(batch),
      splitsOn: isDeterministic,
    });
    this.#dispatcher = new Dispatcher({
      clock: options.clock,
      attempt: (work, onCalled) => this.#attempt(work.sending, onCalled),
      release: (work, dueAtMs, wasTried) => this.#release(work, dueAtMs, wasTried),
      targetSlots: 32,
      targetBacklogMax: 5_000,
      backlogMax: 50_000,
      retryDelaysMs,
    });
  }

  /** Messages in memory, those under way included. */
  get held(): number {
    return this.#dispatcher.held;
  }

  /** Takes messages leased by the transaction that queued them. */
  add(sendings: readonly Sending[]): void {
    // SECURITY: order. What is being claimed was said before, and must be here first.
    if (this.#meanwhile === undefined) this.#take(sendings, "fresh");
    else this.#meanwhile.push(...sendings);
  }

  #take(sendings: readonly Sending[], origin: "fresh" | "claimed"): void {
    const unknown = sendings.filter(({ messageId }) => !this.#held.has(messageId));
    for (const { messageId } of unknown) this.#held.add(messageId);
    this.#dispatcher.add(unknown.map(toWork), origin);
  }

  /** Takes over messages that are due and that nobody holds. Returns how many. */
  async claim(): Promise<number> {
    await this.#giveBackRest();
    const meanwhile: Sending[] = [];
    this.#meanwhile = meanwhile;
    try {
      return await this.#claimFree();
    } finally {
      this.#meanwhile = undefined;
      this.#take(meanwhile, "fresh");
    }
  }

  async #claimFree(): Promise<number> {
    const lease = this.#options.lease();
    const claimed = await this.#options.database.withBatch(actor, async (batch) => {
      const values = [lockClasses.process, lease.owner, lease.seconds, claimMax];
      const rows = await batch.lookUp(claimOutboxSql, values);
      const fresh = rows.filter((row) => !this.#held.has(fromUuid("message", row.message_id)));
      const groups = Map.groupBy(fresh, (row) => row.app_id);
      const loaded = [...groups.values()].map(async (group) => {
        const [first] = group;
        const tenant: Tenant = {
          organisationId: fromUuid("organisation", first?.organisation_id ?? ""),
          appId: fromUuid("app", first?.app_id ?? ""),
        };
        return { tenant, rows: await loadSendings(batch.enter(tenant), group) };
      });
      return Promise.all(loaded);
    });
    const sendings = (await Promise.all(claimed.map((app) => this.#open(app)))).flat();
    this.#take(sendings, "claimed");
    return sendings.length;
  }

  /** Lets calls under way finish and frees the rest. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#dispatcher.stop(graceMs);
    await this.#recorder.drain();
    await this.#giveBackRest();
  }

  #open({ tenant, rows }: { tenant: Tenant; rows: readonly ClaimedSending[] }): Promise<Sending[]> {
    const sealing = this.#options.keychain.sealerFor(tenant, { actor, reason: "sending" });
    return openEach({
      rows,
      open: async (row) => openSending(await sealing, tenant, row),
      onFailure: ({ messageId }, error) =>
        this.#options.log.error({ error, messageId }, "a message that waits to be sent cannot be read"),
      putOff: (closed) => this.#putOff(tenant, closed),
    });
  }

  async #putOff(tenant: Tenant, closed: readonly { row: ClaimedSending; waitMs: number }[]): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    try {
      await this.#options.database.withTenant(actor, tenant, async (tx) => {
        // One by one: each is due by itself, whatever of its lane is before it.
        for (const { row, waitMs } of closed) {
          await releaseSendings(tx, [row], { dueAtMs: nowMs + waitMs, wasTried: true });
        }
      });
    } catch (error) {
      const messages = closed.length;
      this.#options.log.warn({ error, messages }, "messages could not be put off; their lease will run out");
    }
  }

  /** One try. Failures of every kind become an outcome; nothing is thrown. */
  async #attempt(sending: Sending, onCalled: () => void): Promise<Outcome> {
    try {
      const channel = await this.#options.directory.find(sending.channelId);
      const verdict = sending.isOvertaken === true ? overtaken : await this.#call(sending, channel);
      if (verdict.kind === "retry" && !this.#isTooOld(sending)) {
        const { afterMs, throttled } = verdict;
        this.#options.onResult({ messageId: sending.messageId, status: "queued", errorCode: verdict.code });
        return {
          kind: "retry",
          ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
          ...(throttled === undefined ? {} : { throttled }),
        };
      }
      if (verdict.kind === "sent") onCalled();
      const final = verdict.kind === "retry" ? toGivenUp(verdict.code) : verdict;
      if (!(await this.#recordSurely({ sending, channel, verdict: final }))) {
        return this.#isStopping ? { kind: "unready" } : { kind: "unready", retryAfterMs: unrecordedMs };
      }
      this.#held.delete(sending.messageId);
      return { kind: final.kind === "sent" ? "done" : "failed" };
    } catch (error) {
      this.#options.log.warn({ error, messageId: sending.messageId }, "a message could not be sent or recorded");
      return { kind: "unready" };
    }
  }

  #recordSurely(recording: Recording): Promise<boolean> {
    const { messageId } = recording.sending;
    return recordSurely({
      record: () => this.#recorder.submit(recording),
      isStopping: () => this.#isStopping,
      onFailure: (error) =>
        this.#options.log.warn({ error, messageId }, "what became of a message could not be recorded yet"),
    });
  }

  #isTooOld(sending: Sending): boolean {
    return this.#options.clock.nowMs() - sending.createdAtMs > giveUpAfterMs;
  }

  async #call(sending: Sending, channel: Channel | undefined): Promise<SendVerdict> {
    if (channel === undefined) return { kind: "failed", code: "channel_gone", sentence: "The channel is gone." };
    if (!channel.enabled) return { kind: "failed", code: "channel_off", sentence: "The channel is switched off." };
    const { adapter } = channel;
    // The message is stored: whoever it is for fetches it, and no platform is called.
    if (adapter.delivery === "stored") return { kind: "sent", platformMessageId: undefined };
    try {
      const request = adapter.renderRequest(sending.message, {
        channelId: sending.channelId,
        externalId: sending.externalId,
        reference: sending.messageId,
        settings: channel.settings,
        credentials: channel.credentials,
        apiUrl: this.#options.apiUrls[channel.kind] ?? "",
        nowMs: this.#options.clock.nowMs(),
      });
      const response = await this.#options.outbound.request({
        method: "POST",
        ...request,
        timeoutMs: platformTimeoutMs,
      });
      return adapter.readVerdict(response);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const isFinal = error.status === 422;
      if (isFinal) return { kind: "failed", code: error.code, sentence: error.detail };
      return { kind: "retry", code: error.code };
    }
  }

  async #record(batch: readonly Recording[]): Promise<readonly void[]> {
    const groups = [...Map.groupBy(batch, (one) => one.sending.tenant.appId).values()];
    await this.#options.database.withBatch(actor, async (tx) => {
      await Promise.all(groups.map((group) => this.#recordApp(tx, group)));
    });
    for (const recording of batch) this.#options.onResult(toResult(recording));
    return batch.map(() => undefined);
  }

  async #recordApp(batch: BatchTx, group: readonly Recording[]): Promise<void> {
    const tenant = group[0]?.sending.tenant as Tenant;
    const sealer = await this.#options.keychain.sealerFor(tenant, { actor, reason: "sending" });
    const sent = group.map((one): SentMessage => {
      const { messageId, channelId, laneNumber, sequence } = one.sending;
      const platformId = one.verdict.kind === "sent" ? one.verdict.platformMessageId : undefined;
      const field = { table: "receipts", column: "platform_id", row: toUuid(messageId) };
      return {
        messageId,
        lane: laneNumber,
        sequence,
        status: one.verdict.kind,
        platformKey: platformId === undefined ? undefined : toPlatformKey(sealer, channelId, platformId),
        platformId: platformId === undefined ? undefined : sealer.seal(field, platformId),
        errorCode: one.verdict.kind === "failed" ? one.verdict.code : undefined,
      };
    });
    const tx = batch.enter(tenant);
    const events = group.flatMap((one) => this.#toEvent(one));
    batch.last(recordSent(tx, sent));
    await this.#options.publish(tx, events, sealer);
  }

  #toEvent(recording: Recording): ConversationEvent[] {
    const { sending, verdict, channel } = recording;
    if (verdict.kind !== "sent") return [];
    const { channelId, memberId, conversationId, messageId, source, externalId, message, correlationId } = sending;
    const atMs = this.#options.clock.nowMs();
    const ids = { channelId, memberId, conversationId, messageId, correlationId };
    const channelSettings = channel?.settings ?? {};
    const { platformMessageId } = verdict;
    return [{ kind: "outbound", ...ids, channelSettings, source, externalId, message, atMs, platformMessageId }];
  }

  /** Gives work back. When the database is away it is kept and given back as soon as it answers again. */
  async #release(work: readonly SendWork[], dueAtMs: number, wasTried: boolean): Promise<void> {
    try {
      await this.#giveBack({ work, dueAtMs, wasTried });
    } catch (error) {
      this.#options.log.warn({ error, messages: work.length }, "messages could not be given back yet");
      this.#unreleased.push({ work, dueAtMs, wasTried });
    }
  }

  async #giveBack({ work, dueAtMs, wasTried }: Unreleased): Promise<void> {
    const groups = [...Map.groupBy(work, (one) => one.sending.tenant.appId).values()];
    await this.#options.database.withBatch(actor, async (batch) => {
      const parts = groups.map((group) => {
        const tenant = group[0]?.sending.tenant as Tenant;
        const positions = group.map(({ sending }) => ({ lane: sending.laneNumber, sequence: sending.sequence }));
        return releaseSendings(batch.enter(tenant), positions, { dueAtMs, wasTried });
      });
      await Promise.all(parts);
    });
    for (const { sending } of work) this.#held.delete(sending.messageId);
  }

  /** What could not be given back stays leased to this process, and its lanes stand still, until it is. */
  async #giveBackRest(): Promise<void> {
    for (const unreleased of this.#unreleased.splice(0)) {
      await this.#release(unreleased.work, unreleased.dueAtMs, unreleased.wasTried);
    }
  }
}

function openSending(sealer: Sealer, tenant: Tenant, row: ClaimedSending): Sending[] {
  const field = { table: "messages", column: "content", row: toUuid(row.messageId) };
  const content: MessageContent = JSON.parse(sealer.open(field, row.content).toString("utf8"));
  if (content.direction !== "outbound") return [];
  const memberField = { table: "members", column: "external_id", row: toUuid(row.memberId) };
  const externalId = sealer.open(memberField, row.externalId).toString("utf8");
  const { messageId, channelId, conversationId, memberId, correlationId, isOvertaken } = row;
  const { source, sequence, attempts } = row;
  const ids = { messageId, channelId, conversationId, memberId, correlationId };
  const rest = { source, sequence, attempts, createdAtMs: row.createdAt.getTime(), laneNumber: row.lane, isOvertaken };
  return [{ tenant, ...ids, ...rest, externalId, message: content.message }];
}

function toGivenUp(code: string): Recording["verdict"] {
  return { kind: "failed", code: `given_up:${code}`, sentence: "The platform did not take the message for a day." };
}

function toResult(recording: Recording): SendResult {
  const { verdict, sending } = recording;
  const { messageId } = sending;
  if (verdict.kind === "sent") return { messageId, status: "sent", platformMessageId: verdict.platformMessageId };
  return { messageId, status: "failed", errorCode: verdict.code, errorText: verdict.sentence };
}
