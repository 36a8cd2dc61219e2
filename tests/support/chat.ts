// A website's visitor as the public chat meets one: any header, any address of this machine, and a stream that is read as it
// comes. Nothing here is a browser; what a browser adds is said by each test.

import { createHash } from "node:crypto";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";

export const shop = "https://shop.example";

/** What a message holds; which fields is up to its type. */
export interface SeenContent {
  readonly type: string;
  readonly text?: string;
  readonly title?: string;
  readonly media?: { readonly index?: number; readonly fileId?: string };
  readonly buttons?: readonly { readonly title: string; readonly payload?: string }[];
}

export interface SeenMessage {
  readonly messageId: string;
  readonly clientId?: string;
  readonly from: string;
  readonly name?: string;
  readonly content: SeenContent;
}

/** Every field an answer may have; the tests say which one must. */
export interface ChatBody {
  readonly code: string;
  readonly detail: string;
  readonly title: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly proof: { readonly challenge: string; readonly difficulty: number };
  readonly token: string;
  readonly expiresAt: string;
  readonly visitorId: string;
  /** For the website's tokens about this visitor. */
  readonly nonce: string;
  readonly isVerified: boolean;
  readonly name: string;
  readonly mode: string;
  readonly clientId: string;
  readonly isRepeat: boolean;
  readonly conversationId: string;
  readonly channelId: string;
  readonly memberId: string;
  readonly items: readonly SeenMessage[];
  readonly hasMore: boolean;
  readonly fileId: string;
  readonly kind: string;
  readonly type: string;
  readonly assignee: { readonly isMe: boolean };
}

export interface ChatAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
  /** The JSON of the answer; empty when it is none. */
  readonly body: Partial<ChatBody>;
  readonly ms: number;
}

export interface ChatQuestion {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
  /** Sent as they are. */
  readonly bytes?: Buffer;
}

export interface Place {
  readonly url: string;
  readonly channelId: string;
  /** The origin of the page. */
  readonly origin?: string;
  /** An address of this machine, 127.x.y.z: a network of its own. */
  readonly address?: string;
}

/** Every field an event may have. */
export interface EventData extends Partial<SeenMessage> {
  readonly mode?: string;
  readonly agentName?: string;
  readonly isTyping?: boolean;
  readonly reason?: string;
}

export interface StreamEvent {
  readonly event: string;
  readonly data: EventData;
  readonly atMs: number;
}

let nextAddress = 0;

/** An address of this machine nobody has used in this process. */
export function drawAddress(): string {
  nextAddress += 1;
  return `127.77.${nextAddress >> 8}.${(nextAddress & 255) + 1}`;
}

let nextName = 0;

/** A client's id of a message, used once. */
export function drawClientId(): string {
  nextName += 1;
  return `client-${String(nextName).padStart(6, "0")}`;
}

/** One request. */
export function askChat(url: string, question: ChatQuestion & { address?: string | undefined }): Promise<ChatAnswer> {
  const { method = "GET", headers = {}, body, bytes, address } = question;
  const content = bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  const type = bytes === undefined ? "application/json" : "application/octet-stream";
  const described = content === undefined ? {} : { "content-type": type, "content-length": content.length };
  const startMs = performance.now();
  // A connection of its own: none is left open that would count among those a test is about.
  const own = { agent: false, ...(address && { localAddress: address }) } as const;
  const options = { method, headers: { ...described, ...headers }, ...own };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const all = Buffer.concat(chunks);
        const isJson = /json/.test(answer.headers["content-type"] ?? "") && all.length > 0;
        const parsed: Partial<ChatBody> = isJson ? JSON.parse(all.toString()) : {};
        const { statusCode: status = 0, headers: heard } = answer;
        resolve({ status, headers: heard, bytes: all, body: parsed, ms: performance.now() - startMs });
      });
    });
    sent.on("error", reject);
    sent.end(content);
  });
}

/** A stream of events, read as they come. */
export class ChatStream {
  readonly events: StreamEvent[] = [];
  /** Settled when the server or `close` has ended it. */
  readonly ended: Promise<void>;
  endedAtMs: number | undefined;
  #waiting: (() => void)[] = [];
  #text = "";
  readonly #answer: IncomingMessage;

  constructor(answer: IncomingMessage) {
    this.#answer = answer;
    answer.setEncoding("utf8");
    answer.on("data", (chunk: string) => this.#read(chunk));
    answer.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      answer.once("close", () => {
        this.endedAtMs = performance.now();
        resolve();
        this.#tell();
      });
    });
  }

  get status(): number {
    return this.#answer.statusCode ?? 0;
  }

  get headers(): IncomingMessage["headers"] {
    return this.#answer.headers;
  }

  /** The messages, in the order they came. */
  get messages(): SeenMessage[] {
    return this.events.filter(({ event }) => event === "message").map(({ data }) => data as SeenMessage);
  }

  /** What the messages of the bot and of agents say. */
  get replies(): string[] {
    return this.messages.filter(({ from }) => from !== "visitor").map(({ content }) => content.text ?? content.type);
  }

  /** The first event that fits, now or within the time. Rejects with what came instead. */
  async find(fits: (event: StreamEvent) => boolean, withinMs = 5_000): Promise<StreamEvent> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0 || this.endedAtMs !== undefined) {
        throw new Error(`the event did not come; there were: ${JSON.stringify(this.events).slice(0, 2_000)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  findMessage(text: string, withinMs?: number): Promise<StreamEvent> {
    return this.find(({ event, data }) => event === "message" && data.content?.text === text, withinMs);
  }

  /** Stops and goes on reading. */
  pause(): void {
    this.#answer.pause();
  }

  close(): void {
    this.#answer.destroy();
  }

  #read(chunk: string): void {
    this.#text += chunk;
    const blocks = this.#text.split("\n\n");
    this.#text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event === undefined || data === undefined) continue;
      this.events.push({ event, data: JSON.parse(data), atMs: performance.now() });
    }
    this.#tell();
  }

  #tell(): void {
    for (const waiting of this.#waiting.splice(0)) waiting();
  }
}

/** Solves a challenge as the widget does: SHA-256 of the challenge, a point and the solution begins with so many zero bits. */
export function solve({ challenge, difficulty }: { challenge: string; difficulty: number }): string {
  for (let number = 0; ; number += 1) {
    const hash = createHash("sha256").update(`${challenge}.${number}`).digest();
    if (hash.readUInt32BE(0) >>> (32 - difficulty) === 0) return String(number);
  }
}

/** One visitor in one browser. */
export class Visitor {
  readonly url: string;
  readonly channelId: string;
  origin: string;
  address: string;
  token = "";
  visitorId = "";
  nonce = "";
  #streams: ChatStream[] = [];

  constructor({ url, channelId, origin = shop, address = drawAddress() }: Place) {
    this.url = url;
    this.channelId = channelId;
    this.origin = origin;
    this.address = address;
  }

  ask(path: string, question: ChatQuestion = {}): Promise<ChatAnswer> {
    const authorization = this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
    const headers = { origin: this.origin, ...authorization, ...question.headers };
    const to = `${this.url}/chat/v1/channels/${this.channelId}/${path}`;
    return askChat(to, { ...question, headers, address: this.address });
  }

  post(path: string, body: unknown = {}): Promise<ChatAnswer> {
    return this.ask(path, { method: "POST", body });
  }

  /** Begins, and keeps the token. Throws when refused. */
  async start(): Promise<this> {
    const answer = await this.post("start");
    if (answer.status !== 200) throw new Error(`start: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.take(answer);
    return this;
  }

  /** Goes on with the token of an answer. */
  take({ body }: ChatAnswer): void {
    this.token = body.token ?? "";
    this.visitorId = body.visitorId ?? this.visitorId;
    this.nonce = body.nonce ?? this.nonce;
  }

  say(text: string, clientId: string = drawClientId()): Promise<ChatAnswer> {
    return this.post("messages", { type: "text", clientId, text });
  }

  upload(name: string, bytes: Buffer): Promise<ChatAnswer> {
    return this.ask(`files?name=${encodeURIComponent(name)}`, { method: "POST", bytes });
  }

  /** Exchanges the token, and keeps the other. */
  async rotate(rotationId: string): Promise<ChatAnswer> {
    const answer = await this.post("token", { rotationId });
    if (answer.status === 200) this.take(answer);
    return answer;
  }

  /** Opens the stream; whatever the server answers. */
  openStream(query = ""): Promise<ChatStream> {
    const headers = { origin: this.origin, authorization: `Bearer ${this.token}` };
    const to = `${this.url}/chat/v1/channels/${this.channelId}/stream${query}`;
    return new Promise((resolve, reject) => {
      const sent = request(to, { headers, localAddress: this.address, agent: false }, (answer) => {
        const stream = new ChatStream(answer);
        this.#streams.push(stream);
        resolve(stream);
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  /** Closes the streams. */
  leave(): void {
    for (const stream of this.#streams) stream.close();
  }
}
