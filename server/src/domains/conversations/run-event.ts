// Runs one event of one member through the engine and collects what came of it. Pure but for ids and drawn numbers: reads
// and writes happen around it.

import {
  type EngineEvent,
  initialState,
  type Mode,
  type OutgoingMessage,
  type SessionState,
  type StepResult,
  step,
} from "@parley/engine";
import type { Clock } from "../../kernel/clock.ts";
import { type ConversationId, type MemberId, type MessageId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { drawBytes, newId } from "../../platform/crypto/random.ts";
import type { Channel, InboundMessage } from "../channels/index.ts";
import type { Field, Sealer } from "../keys/index.ts";
import type { ConfiguredChannel } from "./app-configuration.ts";
import type { ConversationEvent } from "./events.ts";
import type { Outcome, PendingEvent } from "./process-store.ts";
import type { MemberProfile, MessageContent, RedirectEvent, Sending } from "./types.ts";

/** A member's conversation while a batch works on it: later events of the batch see what earlier ones did. */
export interface LiveConversation {
  readonly memberId: MemberId;
  readonly conversationId: ConversationId;
  readonly isNew: boolean;
  profile: MemberProfile;
  state: SessionState;
  /** The state's JSON as stored; unchanged state is not written again while its activity is up to date. */
  storedState: string;
  readonly activeAtMs: number;
}

/** What a batch of one app collects. */
export interface Collected {
  readonly outcome: Outcome;
  readonly events: ConversationEvent[];
  readonly sendings: Omit<Sending, "sequence">[];
  readonly results: Map<string, { outcome: "answered" | "silent" | "failed" | "recorded"; messageIds: MessageId[] }>;
}

export interface RunContext {
  readonly tenant: Tenant;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly keepsTraces: boolean;
}

const picksPerEvent = 4;
/** How late the time of the last activity may be stored. */
const activityMs = 60_000;
/** What the engine looks at of a text; the message itself is kept whole. */
const engineTextMax = 16_384;

function toField(table: string, column: string, row: string): Field {
  return { table, column, row };
}

/** Opens a stored conversation, or begins one for a member not seen before. */
export function openConversation(pending: PendingEvent, sealer: Sealer): LiveConversation {
  const stored = pending.conversation;
  if (stored === undefined) {
    const ids = { memberId: newId("member"), conversationId: newId("conversation") };
    return { ...ids, isNew: true, profile: { fields: {} }, state: initialState, storedState: "", activeAtMs: 0 };
  }
  const { memberId, conversationId } = stored;
  const stateField = toField("conversations", "state", toUuid(conversationId));
  const storedState = sealer.open(stateField, stored.state).toString("utf8");
  const profile = sealer.open(toField("members", "profile", toUuid(memberId)), stored.profile).toString("utf8");
  const state: SessionState = JSON.parse(storedState);
  const activeAtMs = stored.activeAt.getTime();
  return { memberId, conversationId, isNew: false, profile: JSON.parse(profile), state, storedState, activeAtMs };
}

function drawPicks(): number[] {
  const bytes = drawBytes(4 * picksPerEvent);
  const picks: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) picks.push(bytes.readUInt32BE(at) / 2 ** 32);
  return picks;
}

/** The engine's view of an event. */
function toEngineEvent(
  pending: PendingEvent,
  event: InboundMessage | RedirectEvent,
  about: { channel: Channel; live: LiveConversation; nowMs: number },
): EngineEvent {
  const { channel, live, nowMs } = about;
  const { name, fields } = live.profile;
  const base = {
    id: pending.eventId,
    nowMs,
    picks: drawPicks(),
    member: { id: live.memberId, externalId: event.externalId, fields, ...(name === undefined ? {} : { name }) },
    channel: { id: channel.channelId, kind: channel.kind, name: channel.name, meta: {} },
  };
  if (event.kind === "redirect") {
    const { treeId, compositeId, runPreActions, sendResponses, runPostActions, meta } = event;
    return {
      ...base,
      type: "redirect",
      redirect: { treeId, compositeId, runPreActions, sendResponses, runPostActions },
      meta,
    };
  }
  const { text, payload, title, eventType, data } = event;
  return {
    ...base,
    type: event.type,
    ...(text === undefined ? {} : { text: text.slice(0, engineTextMax) }),
    ...(payload === undefined ? {} : { payload }),
    ...(title === undefined ? {} : { title }),
    ...(eventType === undefined ? {} : { eventType }),
    ...(data === undefined ? {} : { data }),
  };
}

/** Everything around one event while it is run. */
export interface Run {
  readonly pending: PendingEvent;
  readonly event: InboundMessage | RedirectEvent;
  readonly configured: ConfiguredChannel;
  readonly live: LiveConversation;
}

/** Runs one event and adds what came of it to `collected`. The conversation moves on in place. */
export function runEvent(context: RunContext, run: Run, collected: Collected): void {
  const { pending, event, configured, live } = run;
  const startMs = performance.now();
  learnProfile(run);
  const engineEvent = toEngineEvent(pending, event, { ...configured, live, nowMs: context.clock.nowMs() });
  if (event.kind === "message") recordInbound(context, run, { event, collected });
  const result = step(configured.program, live.state, engineEvent);
  const messageIds = result.effects.flatMap((effect) =>
    effect.kind === "send" ? [queueMessage(context, run, { ...effect, collected })] : [],
  );
  noteMode(context, run, { mode: result.state.mode, collected });
  live.state = result.state;
  const outcome = result.error === undefined ? (messageIds.length > 0 ? "answered" : "silent") : "failed";
  collected.results.set(pending.eventId, { outcome, messageIds });
  recordTrace(context, run, { result, outcome, durationMs: performance.now() - startMs, collected });
  finish(pending, collected);
}

function noteMode(context: RunContext, run: Run, into: { mode: Mode; collected: Collected }): void {
  const { pending, event, live } = run;
  const { mode, collected } = into;
  if (mode === live.state.mode) return;
  collected.events.push({
    kind: "mode",
    mode,
    channelId: pending.channelId,
    memberId: live.memberId,
    conversationId: live.conversationId,
    externalId: event.externalId,
    atMs: context.clock.nowMs(),
    correlationId: pending.correlationId,
  });
}

/** Takes an event out of the queue, if it ever was in it. */
export function finish(pending: PendingEvent, collected: Collected): void {
  if (pending.payload !== undefined) collected.outcome.finished.push(pending.eventId);
}

function learnProfile(run: Run): void {
  const { event, live } = run;
  const isNamed = event.kind === "message" && event.profileName !== undefined && live.profile.name === undefined;
  if (isNamed && live.isNew) live.profile = { ...live.profile, name: event.profileName };
  const isFirst = event.kind === "message" && live.isNew && live.state === initialState;
  if (isFirst && event.locale !== undefined) live.state = { ...live.state, locale: event.locale };
}

function recordInbound(context: RunContext, run: Run, into: { event: InboundMessage; collected: Collected }): void {
  const { pending, configured, live } = run;
  const { event, collected } = into;
  const messageId = newId("message");
  const content: MessageContent = { direction: "inbound", message: event };
  collected.outcome.messages.push({
    messageId,
    conversationId: live.conversationId,
    direction: "inbound",
    source: "member",
    content: context.sealer.seal(toField("messages", "content", toUuid(messageId)), JSON.stringify(content)),
  });
  collected.events.push({
    kind: "inbound",
    eventId: pending.eventId,
    channelId: pending.channelId,
    channelSettings: configured.channel.settings,
    memberId: live.memberId,
    conversationId: live.conversationId,
    atMs: event.sentAtMs,
    correlationId: pending.correlationId,
    message: event,
    profile: live.profile,
  });
}

function queueMessage(
  context: RunContext,
  run: Run,
  send: { message: OutgoingMessage; nodeCompositeId: string; collected: Collected },
): MessageId {
  const { pending, event, live } = run;
  const messageId = newId("message");
  const content: MessageContent = { direction: "outbound", message: send.message, node: send.nodeCompositeId };
  const common = {
    messageId,
    conversationId: live.conversationId,
    channelId: pending.channelId,
    correlationId: pending.correlationId,
  };
  send.collected.outcome.messages.push({
    messageId,
    conversationId: live.conversationId,
    direction: "outbound",
    source: "bot",
    content: context.sealer.seal(toField("messages", "content", toUuid(messageId)), JSON.stringify(content)),
  });
  send.collected.outcome.sendings.push({ ...common, lane: pending.lane, isBehind: pending.isBehind });
  send.collected.sendings.push({
    ...common,
    tenant: context.tenant,
    memberId: live.memberId,
    externalId: event.externalId,
    message: send.message,
    source: "bot",
    laneNumber: pending.lane,
    attempts: 0,
    createdAtMs: context.clock.nowMs(),
  });
  return messageId;
}

function recordTrace(
  context: RunContext,
  run: Run,
  what: { result: StepResult; outcome: "answered" | "silent" | "failed"; durationMs: number; collected: Collected },
): void {
  if (!context.keepsTraces) return;
  const { pending, live } = run;
  const trace = {
    correlationId: pending.correlationId,
    receivedAt: pending.receivedAt.toISOString(),
    waitedMs: context.clock.nowMs() - pending.receivedAt.getTime(),
    durationMs: Math.round(what.durationMs * 1000) / 1000,
    engine: what.result.trace,
    ...(what.result.error === undefined ? {} : { error: what.result.error }),
  };
  what.collected.outcome.traces.push({
    eventId: pending.eventId,
    channelId: pending.channelId,
    conversationId: live.conversationId,
    outcome: what.outcome,
    content: context.sealer.seal(toField("traces", "content", toUuid(pending.eventId)), JSON.stringify(trace)),
  });
}

/** While a person has a conversation, or should, each message counts at once; the bot's may show up to a minute later. */
function isActivityStored(context: RunContext, live: LiveConversation): boolean {
  return live.state.mode === "bot" && context.clock.nowMs() - live.activeAtMs < activityMs;
}

/** Adds the conversations a batch touched: new members, states that changed, and what is active again. */
export function collectConversation(
  context: RunContext,
  about: { live: LiveConversation; pending: PendingEvent; externalId: string },
  collected: Collected,
): void {
  const { live, pending } = about;
  const { channelId, externalKey } = pending;
  const { memberId, conversationId } = live;
  if (live.isNew) {
    const row = toUuid(memberId);
    const externalId = context.sealer.seal(toField("members", "external_id", row), about.externalId);
    const profile = context.sealer.seal(toField("members", "profile", row), JSON.stringify(live.profile));
    collected.outcome.members.push({ memberId, channelId, externalKey, externalId, profile });
  }
  const json = JSON.stringify(live.state);
  if (json === live.storedState && isActivityStored(context, live)) return;
  const state = context.sealer.seal(toField("conversations", "state", toUuid(conversationId)), json);
  collected.outcome.conversations.push({
    conversationId,
    memberId,
    channelId,
    mode: live.state.mode,
    state,
    isNew: live.isNew,
  });
}
