// The open streams of visitors: server-sent events (HTML 9.2) read with `fetch`, the token in a header. Each goes on from the
// last message it was given, so nothing is lost between two of them, and looks once more for all the news of a look. Ended
// sessions and channels switched off are noticed twice a second.

import type { ServerResponse } from "node:http";
import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId, VisitorId } from "../../../kernel/ids.ts";
import { EventStream } from "../../../platform/http/index.ts";
import type { MemberKey } from "../../conversations/index.ts";
import { visitorErrors } from "../errors.ts";
import type { MessageView } from "../message-view.ts";
import { channelOf, parseNotice } from "./keys.ts";

const checkMs = 500;
const heartbeatMs = 15_000;
/** What was missed may be more than may be unread: above this it is given as it is read, to whoever reads at all. */
const roomBytes = 32 * 1024;
const roomCheckMs = 25;
const patienceMs = 10_000;
const streamsMax = 20_000;
/** SECURITY: whoever fills one channel leaves the others theirs. */
const ofChannelMax = 5_000;
/** Streams that look for news at once: the others wait their turn, and nobody's for a connection until it fails. */
const looksMax = 8;
/** Ids of messages lately given, so that those of slower clocks are neither missed nor given twice. */
const rememberedMax = 64;

/** What is new in a conversation. */
export interface Reading {
  readonly mode: string | undefined;
  readonly agentName: string | undefined;
  readonly messages: readonly MessageView[];
  /** There may be more behind these. */
  readonly hasMore?: boolean;
}

export interface StreamOwner {
  readonly visitorId: VisitorId;
  readonly key: MemberKey;
  /** The page that shows the chat. */
  readonly site: string;
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
  /**
   * Streams of a channel opened before this are to end; undefined when the channel is off or gone or no longer lists the
   * site, then all of them.
   */
  readonly findCutOffMs: (channelId: ChannelId, site: string) => Promise<number | undefined>;
  /** The visitor writes, or has stopped. */
  readonly onWriting: (key: MemberKey, isWriting: boolean) => void;
  readonly nowMs: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

interface Stream {
  readonly owner: StreamOwner;
  readonly events: EventStream;
  readonly timer: NodeJS.Timeout;
  readonly openedAtMs: number;
  readonly given: Set<string>;
  after: MessageView["messageId"] | undefined;
  mode: string;
  isReading: boolean;
  hasNews: boolean;
}

/** The streams of one conversation. */
type Group = Set<Stream>;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class VisitorStreams {
  readonly #options: VisitorStreamsOptions;
  readonly #groups = new Map<MemberKey, Group>();
  readonly #waiting: (() => void)[] = [];
  #looks = 0;
  #isChecking = false;
  #checking: NodeJS.Timeout | undefined;
  #sinceHeartbeatMs = 0;
  #size = 0;
  readonly #ofChannel = new Map<ChannelId, number>();

  constructor(options: VisitorStreamsOptions) {
    this.#options = options;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#size;
  }

  /** Throws `visitors.too_many_streams` when the channel or the process has as many open as it may. */
  assertRoom(channelId: ChannelId): void {
    const ofChannel = this.#ofChannel.get(channelId) ?? 0;
    if (this.#size >= streamsMax || ofChannel >= ofChannelMax)
      throw new AppError(visitorErrors.tooManyStreams, { retryAfterSeconds: 10 });
  }

  /** Takes over a response whose head was written, and keeps it until the session or its time ends. */
  attach(response: ServerResponse, owner: StreamOwner): void {
    const timer = setTimeout(() => this.#end(stream, "time"), owner.seconds * 1000);
    const openedAtMs = this.#options.nowMs();
    const start = { given: new Set<string>(), after: owner.after, mode: "", isReading: false, hasNews: false };
    const stream: Stream = { owner, events: new EventStream(response), timer, openedAtMs, ...start };
    const group = this.#groups.get(owner.key) ?? new Set();
    this.#groups.set(owner.key, group);
    group.add(stream);
    this.#count(owner.key, 1);
    stream.events.onClose(() => this.#forget(stream));
    if (!this.#isOpen(stream)) return;
    stream.events.write("ready", {});
    this.#checking ??= setInterval(() => void this.#check(), checkMs);
    this.#wake(stream);
  }

  /** Hears a notice of this or another process. */
  hear(text: string): void {
    const notice = parseNotice(text);
    if (notice === undefined) return;
    const { key, news } = notice;
    if (news === "writing" || news === "paused") {
      this.#options.onWriting(key, news === "writing");
      return;
    }
    for (const stream of this.#groups.get(key) ?? []) {
      if (news === "news") this.#wake(stream);
      // Who writes is of no use to a reader who has a long message still to read.
      else if (!stream.events.isBehind) stream.events.write("typing", { from: "agent", isTyping: news === "typing" });
    }
  }

  /** Looks at every conversation: notices may have been missed. */
  hearAll(): void {
    for (const stream of this.#list()) this.#wake(stream);
  }

  /** Ends every stream: the server stops. */
  close(): void {
    for (const stream of this.#list()) this.#end(stream, "stopping");
  }

  #count(key: MemberKey, change: 1 | -1): void {
    const channelId = channelOf(key);
    const count = (this.#ofChannel.get(channelId) ?? 0) + change;
    if (count > 0) this.#ofChannel.set(channelId, count);
    else this.#ofChannel.delete(channelId);
    this.#size += change;
  }

  *#list(): Generator<Stream> {
    for (const group of this.#groups.values()) yield* group;
  }

  #wake(stream: Stream): void {
    stream.hasNews = true;
    if (!stream.isReading) void this.#read(stream);
  }

  async #read(stream: Stream): Promise<void> {
    stream.isReading = true;
    while (stream.hasNews && this.#isOpen(stream)) {
      stream.hasNews = false;
      await this.#bring(stream);
    }
    stream.isReading = false;
  }

  /** Gives a stream what is new to it. One that cannot be read for ends: its visitor comes back. */
  async #bring(stream: Stream): Promise<void> {
    try {
      const { after } = stream;
      const reading = await this.#look(stream);
      if (reading === undefined || !this.#isOpen(stream)) return;
      this.#giveMode(stream, reading);
      for (const message of reading.messages) {
        if (!(await this.#hasRoom(stream))) return;
        this.#giveMessage(stream, message);
      }
      if (reading.hasMore === true && stream.after !== after) stream.hasNews = true;
    } catch (error) {
      // The session may have ended since it was last looked up.
      const hasEnded = error instanceof AppError && error.status === 401;
      if (!hasEnded) this.#options.log.warn({ error }, "the news of a visitor's conversation could not be read");
      this.#end(stream, hasEnded ? "session_ended" : "unknown");
    }
  }

  /** Looks for a stream's news when it is its turn. Undefined when it was closed meanwhile. */
  async #look(stream: Stream): Promise<Reading | undefined> {
    if (this.#looks >= looksMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#looks += 1;
    try {
      return this.#isOpen(stream) ? await stream.owner.read(stream.after) : undefined;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#looks -= 1;
      else next();
    }
  }

  /** Waits until a stream has read enough to be given more. False when it is closed, or reads nothing and is cut off. */
  async #hasRoom(stream: Stream): Promise<boolean> {
    const { events } = stream;
    for (let waitedMs = 0; events.unreadBytes > roomBytes; waitedMs += roomCheckMs) {
      if (waitedMs >= patienceMs) events.cut();
      if (!this.#isOpen(stream)) return false;
      await wait(roomCheckMs);
    }
    return this.#isOpen(stream);
  }

  #isOpen(stream: Stream): boolean {
    return this.#groups.get(stream.owner.key)?.has(stream) === true;
  }

  #giveMode(stream: Stream, { mode = "bot", agentName }: Reading): void {
    const news = `${mode} ${agentName ?? ""}`;
    if (stream.mode === news) return;
    stream.mode = news;
    stream.events.write("mode", agentName === undefined ? { mode } : { mode, agentName });
  }

  #giveMessage(stream: Stream, message: MessageView): void {
    const { messageId } = message;
    if (stream.given.has(messageId)) return;
    stream.given.add(messageId);
    const [oldest] = stream.given;
    if (stream.given.size > rememberedMax && oldest !== undefined) stream.given.delete(oldest);
    if (stream.after === undefined || messageId > stream.after) stream.after = messageId;
    // One message may be larger than what may be unread: it goes out whole, or whoever waits for it would never get past it.
    stream.events.writeWhole("message", message);
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    await this.#checkAll().finally(() => {
      this.#isChecking = false;
    });
  }

  async #checkAll(): Promise<void> {
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
    for (const stream of this.#list()) stream.events.beat();
  }

  async #checkChannels(): Promise<void> {
    const byPlace = Map.groupBy(this.#list(), ({ owner }) => `${channelOf(owner.key)} ${owner.site}`);
    for (const [place, streams] of byPlace) {
      const [channelId, site] = place.split(" ") as [ChannelId, string];
      const cutOffMs = (await this.#options.findCutOffMs(channelId, site)) ?? Number.POSITIVE_INFINITY;
      for (const stream of streams) if (stream.openedAtMs < cutOffMs) this.#end(stream, "closed");
    }
  }

  #end(stream: Stream, reason: string): void {
    if (!this.#isOpen(stream)) return;
    stream.events.end(reason);
    this.#forget(stream);
  }

  #forget(stream: Stream): void {
    clearTimeout(stream.timer);
    const group = this.#groups.get(stream.owner.key);
    if (group?.delete(stream) !== true) return;
    this.#count(stream.owner.key, -1);
    stream.owner.onClose();
    if (group.size === 0) this.#groups.delete(stream.owner.key);
    if (this.#size > 0 || this.#checking === undefined) return;
    clearInterval(this.#checking);
    this.#checking = undefined;
  }
}
