// What a messaging platform calls. Believes nothing before the signature over the exact bytes holds; answers only once
// what it was told is committed.

import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { parseId } from "../../kernel/ids.ts";
import { parseJsonBody, type RawReply, type RawRequest } from "../../platform/http/index.ts";
import { type Channel, type ChannelDirectory, channelErrors, type InboundEvent } from "../channels/index.ts";
import type { Arrival, Receipt } from "./ingest.ts";

export interface ReceiveOptions {
  readonly directory: ChannelDirectory;
  readonly clock: Clock;
  readonly accept: (arrival: Arrival) => Promise<readonly Receipt[]>;
}

async function findChannel(options: ReceiveOptions, request: RawRequest): Promise<Channel | undefined> {
  const channelId = parseId("channel", request.params.channelId);
  const channel = channelId === undefined ? undefined : await options.directory.find(channelId);
  return channel?.enabled === true ? channel : undefined;
}

/**
 * Takes a platform's POST. 401 and nothing else for a channel that is unknown, off or not signed for; 400 naming the
 * field for an authentic body of the wrong shape; 200 after the commit, also for what was sent before.
 */
export async function receiveInbound(options: ReceiveOptions, request: RawRequest): Promise<RawReply> {
  const channel = await findChannel(options, request);
  const raw = {
    headers: request.headers,
    body: request.body,
    receivedAtMs: options.clock.nowMs(),
  };
  // SECURITY: an unknown channel answers exactly as a wrong signature does.
  if (channel === undefined || !channel.adapter.isAuthentic(raw, channel.credentials)) {
    throw new AppError(channelErrors.refused);
  }
  const read = channel.adapter.readEvents(parseJsonBody(request.body), channel.settings);
  const events = read.map((event) => withTime(event, raw.receivedAtMs));
  const { tenant, channelId } = channel;
  const receipts = await options.accept({ tenant, channelId, events, correlationId: request.requestId });
  return { status: 200, contentType: "application/json; charset=utf-8", body: toReceiptBody(receipts) };
}

/** Platforms that do not say when something happened mean now. */
function withTime(event: InboundEvent, receivedAtMs: number): InboundEvent {
  if (event.kind === "message") return event.sentAtMs === 0 ? { ...event, sentAtMs: receivedAtMs } : event;
  return event.atMs === 0 ? { ...event, atMs: receivedAtMs } : event;
}

function toReceiptBody(receipts: readonly Receipt[]): string {
  return JSON.stringify({ events: receipts.map(({ eventId, isRepeat }) => ({ eventId, repeated: isRepeat })) });
}

/** Answers a platform's ownership check. 403 unless the verify token matches. */
export async function answerHandshake(options: ReceiveOptions, request: RawRequest): Promise<RawReply> {
  const channel = await findChannel(options, request);
  const query = Object.fromEntries(
    Object.entries(request.query).map(([name, value]) => [name, typeof value === "string" ? value : undefined]),
  );
  const answer = channel?.adapter.answerHandshake?.(query, channel.credentials);
  if (answer === undefined) throw new AppError(channelErrors.handshakeRefused);
  return { status: 200, contentType: "text/plain; charset=utf-8", body: answer };
}
