// The open streams of visitors: server-sent events (HTML 9.2) read with `fetch`, the token in a header. Streams of one
// conversation share one look at the database when there is news; each goes on from the last message it was given, so
// nothing is lost between two of them. Ended sessions and channels switched off are noticed twice a second.

import type { ServerResponse } from "node:http";
import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId, VisitorId } from "../../../kernel/ids.ts";
import { visitorErrors } from "../errors.ts";
import type { MessageView } from "../message-view.ts";
import { channelOf, type LiveKey, parseNotice } from "./keys.ts";

const checkMs = 500;
const heartbeatMs = 15_000;
/** A reader that does not read is cut off before it fills the memory. It comes back and goes on. */
const unreadBytesMax = 64 * 1024;
const streamsMax = 20_000;
/** Ids of messages lately given, so that those of slower clocks are neither missed nor given twice. */
const rememberedMax = 64;

/** What is new in a conversation. */
export interface Reading {
  readonly mode: string | undefined;
  readonly agentName: string | undefined;
  readonly messages: readonly MessageView[];
}

export interface StreamOwner {
  readonly visitorId: VisitorId;
  readonly key: LiveKey;
  /** The last message the visitor has. */
  readonly after: MessageView["messageId"] | undefined;
  readonly seconds: number;
  /** Looks for messages behind the given one, and a little before it. */
  readonly read: (after: MessageView["messageId"] | undefined) => Promise<Reading>;
  /** Called once, when the stream is closed. */
  readonly onClose: () => void;
}

export interface VisitorStreamsOptions {
  /** Which of these visitors' sessions have ended. */
  readonly listEnded: (visitorIds: readonly VisitorId[]) => Promise<ReadonlySet<VisitorId>>;
  /** Streams of a channel opened before this are to end; undefined when the channel is off or gone, then all of them. */
  readonly findCutOffMs: (channelId: ChannelId) => Promise<number | undefined>;
  /** The visitor writes, or has stopped. */
  readonly onWriting: (key: LiveKey, isWriting: boolean) => void;
  readonly nowMs: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

interface Stream {
  readonly owner: StreamOwner;
  readonly response: ServerResponse;
  readonly timer: NodeJS.Timeout;
  readonly openedAtMs: number;
  readonly given: Set<string>;
  after: MessageView["messageId"] | undefined;
  mode: string;
}

/** The streams of one conversation. */
interface Group {
  readonly streams: Set<Stream>;
  isReading: boolean;
  hasNews: boolean;
}

export class VisitorStreams {
  readonly #options: VisitorStreamsOptions;
  readonly #groups = new Map<LiveKey, Group>();
  #checking: NodeJS.Timeout | undefined;
  #sinceHeartbeatMs = 0;
  #size = 0;

  constructor(options: VisitorStreamsOptions) {
    this.#options = options;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#size;
  }

  /** Throws `visitors.too_many_streams` when the process has as many open as it may. */
  assertRoom(): void {
    if (this.#size >= streamsMax) throw new AppError(visitorErrors.tooManyStreams, { retryAfterSeconds: 10 });
  }

  /** Takes over a response whose head was written, and keeps it until the session or its time ends. */
  attach(response: ServerResponse, owner: StreamOwner): void {
    const timer = setTimeout(() => this.#end(stream, "time"), owner.seconds * 1000);
    const openedAtMs = this.#options.nowMs();
    const stream: Stream = { owner, response, timer, openedAtMs, given: new Set(), after: owner.after, mode: "" };
    const group = this.#groups.get(owner.key) ?? { streams: new Set(), isReading: false, hasNews: false };
    this.#groups.set(owner.key, group);
    group.streams.add(stream);
    this.#size += 1;
    response.once("close", () => this.#forget(stream));
    response.on("error", () => this.#forget(stream));
    response.write("event: ready\ndata: {}\n\n");
    this.#checking ??= setInterval(() => void this.#check(), checkMs);
    this.#wake(group);
  }

  /** Hears a notice of this or another process. */
  hear(text: string): void {
    const notice = parseNotice(text);
    const isWriting = notice?.news === "writing";
    if (notice !== undefined && (isWriting || notice.news === "paused")) {
      this.#options.onWriting(notice.key, isWriting);
      return;
    }
    const group = notice === undefined ? undefined : this.#groups.get(notice.key);
    if (notice === undefined || group === undefined) return;
    if (notice.news === "news") {
      this.#wake(group);
      return;
    }
    const isTyping = notice.news === "typing";
    for (const stream of group.streams) this.#write(stream, "typing", { from: "agent", isTyping });
  }

  /** Looks at every conversation: notices may have been missed. */
  hearAll(): void {
    for (const group of this.#groups.values()) this.#wake(group);
  }

  /** Ends every stream: the server stops. */
  close(): void {
    for (const stream of this.#list()) this.#end(stream, "stopping");
  }

  *#list(): Generator<Stream> {
    for (const group of this.#groups.values()) yield* group.streams;
  }

  #wake(group: Group): void {
    group.hasNews = true;
    if (!group.isReading) void this.#read(group);
  }

  async #read(group: Group): Promise<void> {
    group.isReading = true;
    while (group.hasNews && group.streams.size > 0) {
      group.hasNews = false;
      for (const stream of [...group.streams]) await this.#bring(stream);
    }
    group.isReading = false;
  }

  /** Gives a stream what is new to it. One that cannot be read for ends: its visitor comes back. */
  async #bring(stream: Stream): Promise<void> {
    try {
      const reading = await stream.owner.read(stream.after);
      if (!this.#isOpen(stream)) return;
      this.#giveMode(stream, reading);
      for (const message of reading.messages) this.#giveMessage(stream, message);
    } catch (error) {
      this.#options.log.warn({ error }, "the news of a visitor's conversation could not be read");
      this.#end(stream, "unknown");
    }
  }

  #isOpen(stream: Stream): boolean {
    return this.#groups.get(stream.owner.key)?.streams.has(stream) === true;
  }

  #giveMode(stream: Stream, { mode = "bot", agentName }: Reading): void {
    const news = `${mode} ${agentName ?? ""}`;
    if (stream.mode === news) return;
    stream.mode = news;
    this.#write(stream, "mode", agentName === undefined ? { mode } : { mode, agentName });
  }

  #giveMessage(stream: Stream, message: MessageView): void {
    const { messageId } = message;
    if (stream.given.has(messageId)) return;
    stream.given.add(messageId);
    const [oldest] = stream.given;
    if (stream.given.size > rememberedMax && oldest !== undefined) stream.given.delete(oldest);
    if (stream.after === undefined || messageId > stream.after) stream.after = messageId;
    this.#write(stream, "message", message);
  }

  async #check(): Promise<void> {
    const streams = [...this.#list()];
    try {
      const ended = await this.#options.listEnded(streams.map(({ owner }) => owner.visitorId));
      for (const stream of streams) if (ended.has(stream.owner.visitorId)) this.#end(stream, "session_ended");
      await this.#checkChannels();
    } catch (error) {
      // SECURITY: nobody knows whether the sessions live, so no stream stays open.
      this.#options.log.warn({ error }, "sessions of visitors' streams could not be looked up");
      for (const stream of streams) this.#end(stream, "unknown");
    }
    this.#sinceHeartbeatMs += checkMs;
    if (this.#sinceHeartbeatMs < heartbeatMs) return;
    this.#sinceHeartbeatMs = 0;
    for (const stream of this.#list()) stream.response.write(": alive\n\n");
  }

  async #checkChannels(): Promise<void> {
    const byChannel = Map.groupBy(this.#list(), ({ owner }) => channelOf(owner.key));
    for (const [channelId, streams] of byChannel) {
      const cutOffMs = (await this.#options.findCutOffMs(channelId)) ?? Number.POSITIVE_INFINITY;
      for (const stream of streams) if (stream.openedAtMs < cutOffMs) this.#end(stream, "closed");
    }
  }

  #write(stream: Stream, event: string, data: object): void {
    const { response } = stream;
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (response.writableLength > unreadBytesMax) response.destroy();
  }

  #end(stream: Stream, reason: string): void {
    if (!this.#isOpen(stream)) return;
    this.#write(stream, "end", { reason });
    stream.response.end();
    this.#forget(stream);
  }

  #forget(stream: Stream): void {
    clearTimeout(stream.timer);
    const group = this.#groups.get(stream.owner.key);
    if (group?.streams.delete(stream) !== true) return;
    this.#size -= 1;
    stream.owner.onClose();
    if (group.streams.size === 0) this.#groups.delete(stream.owner.key);
    if (this.#size > 0 || this.#checking === undefined) return;
    clearInterval(this.#checking);
    this.#checking = undefined;
  }
}
