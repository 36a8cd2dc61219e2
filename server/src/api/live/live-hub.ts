// Open event streams: server-sent events (HTML 9.2) that a page reads with `fetch`, its credentials in headers. A stream
// is as good as the session it was opened with: sessions of all open streams are looked up twice a second in one query,
// and a stream whose session ended, idled out or was taken away is told so and closed.

import type { ServerResponse } from "node:http";
import { AppError } from "../../kernel/errors.ts";
import type { SessionId, UserId } from "../../kernel/ids.ts";
import { EventStream, type HttpLog } from "../../platform/http/index.ts";
import { apiErrors } from "../errors.ts";

const checkMs = 500;
const heartbeatMs = 15_000;
const streamsPerUserMax = 20;
const streamsMax = 20_000;

export interface LiveHubOptions {
  /** Which of these sessions live. */
  readonly listLive: (sessionIds: readonly SessionId[]) => Promise<ReadonlySet<SessionId>>;
  readonly log: HttpLog;
}

/** Whose stream it is, and for how long it may stay open. */
export interface LiveOwner {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly seconds: number;
}

interface Stream {
  readonly owner: LiveOwner;
  readonly events: EventStream;
  readonly timer: NodeJS.Timeout;
}

export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #streams = new Set<Stream>();
  #checking: NodeJS.Timeout | undefined;
  #sinceHeartbeatMs = 0;

  constructor(options: LiveHubOptions) {
    this.#options = options;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** Throws `api.too_many_streams` when the person or the process has as many open as it may. */
  assertRoom(userId: UserId): void {
    const own = [...this.#streams].filter((stream) => stream.owner.userId === userId).length;
    if (own < streamsPerUserMax && this.#streams.size < streamsMax) return;
    throw new AppError(apiErrors.tooManyStreams, { retryAfterSeconds: 10 });
  }

  /** Takes over a response whose head was written, and keeps it until the session or its time ends. */
  attach(response: ServerResponse, owner: LiveOwner): void {
    const timer = setTimeout(() => this.#end(stream, "time"), owner.seconds * 1000);
    const stream: Stream = { owner, events: new EventStream(response), timer };
    this.#streams.add(stream);
    stream.events.onClose(() => this.#forget(stream));
    if (!this.#streams.has(stream)) return;
    stream.events.write("ready", { seconds: owner.seconds });
    this.#checking ??= setInterval(() => void this.#check(), checkMs);
  }

  /** Ends every stream: the server stops. */
  close(): void {
    for (const stream of this.#streams) this.#end(stream, "stopping");
  }

  async #check(): Promise<void> {
    try {
      const live = await this.#options.listLive([...new Set([...this.#streams].map(({ owner }) => owner.sessionId))]);
      for (const stream of this.#streams) if (!live.has(stream.owner.sessionId)) this.#end(stream, "session_ended");
    } catch (error) {
      // SECURITY: nobody knows whether the sessions live, so no stream stays open.
      this.#options.log.warn({ err: error }, "sessions of open streams could not be looked up");
      for (const stream of this.#streams) this.#end(stream, "unknown");
    }
    this.#sinceHeartbeatMs += checkMs;
    if (this.#sinceHeartbeatMs < heartbeatMs) return;
    this.#sinceHeartbeatMs = 0;
    for (const stream of this.#streams) stream.events.beat();
  }

  #end(stream: Stream, reason: string): void {
    stream.events.end(reason);
    this.#forget(stream);
  }

  #forget(stream: Stream): void {
    clearTimeout(stream.timer);
    this.#streams.delete(stream);
    if (this.#streams.size > 0 || this.#checking === undefined) return;
    clearInterval(this.#checking);
    this.#checking = undefined;
  }
}
