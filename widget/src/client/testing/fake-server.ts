// A server of `/chat/v1` in memory, as strict as the real one about tokens: a former token ends the session, unless it is
// the same rotation asked again before its token was used. What happens to a call on its way is in the hands of the test.

import type { Clock } from "../environment.ts";
import { sha256 } from "../sha256.ts";

/** `lost`: the server never sees it. `unanswered`: the server did it, the answer is lost. A response is given instead. */
export type Fate = "pass" | "lost" | "unanswered" | Response;

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly token: string | undefined;
}

interface Stored {
  readonly messageId: string;
  readonly clientId?: string;
  readonly from: string;
  readonly at: string;
  status?: string;
  readonly content: unknown;
}

interface Visitor {
  readonly id: string;
  generation: number;
  rotationId: string | undefined;
  isTaken: boolean;
  end: string | undefined;
  isBegun: boolean;
  readonly messages: Stored[];
  readonly streams: Set<ReadableStreamDefaultController<Uint8Array>>;
}

const tokenMs = 900_000;
const encode = (text: string) => new TextEncoder().encode(text);

const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: "about:blank", title: code, status, code, ...more }), { status, headers });

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

export class FakeServer {
  readonly visitors = new Map<string, Visitor>();
  readonly calls: Recorded[] = [];
  /** Decides what becomes of a call. */
  fate: (call: Recorded) => Fate = () => "pass";
  /** Set: start asks for this many zero bits. */
  difficulty: number | undefined;
  isOff = false;
  pageMax = 50;
  /** Answers the visitor's messages as the bot does. */
  repliesAs: ((text: string) => string) | undefined;
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the browser calls. */
  readonly request = async (path: string, init: RequestInit): Promise<Response> => {
    const url = new URL(path, "https://parley.example");
    const headers = new Headers(init.headers);
    const call: Recorded = {
      method: init.method ?? "GET",
      path: `${url.pathname.replace(/^\/chat\/v1\/channels\/[^/]+/, "")}${url.search}`,
      body: typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {},
      token: headers.get("authorization")?.slice(7),
    };
    this.calls.push(call);
    await Promise.resolve();
    const fate = this.fate(call);
    if (fate instanceof Response) return fate;
    if (fate === "lost" || init.signal?.aborted === true) throw new TypeError("network");
    const response = this.#answer(call, url, init.signal ?? undefined);
    if (fate === "unanswered") throw new TypeError("network");
    return response;
  };

  /** Breaks every open stream. */
  cut(): void {
    for (const { streams } of this.visitors.values()) {
      for (const stream of streams) stream.error(new TypeError("network"));
      streams.clear();
    }
  }

  get only(): Visitor {
    const [visitor] = [...this.visitors.values()].filter(({ isBegun }) => isBegun);
    if (visitor === undefined) throw new Error("no visitor has begun");
    return visitor;
  }

  say(from: "bot" | "agent", text: string, visitor = this.only): Stored {
    return this.#store(visitor, { from, content: { type: "text", text } });
  }

  emit(visitor: Visitor, event: string, data: unknown): void {
    for (const stream of visitor.streams) stream.enqueue(encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  }

  /** A message id of now; later ones sort after. */
  nextId(): string {
    this.#count += 1;
    const time = this.#clock.now().toString(16).padStart(12, "0");
    return `msg_${time}7${this.#count.toString(16).padStart(19, "0")}`;
  }

  #store(visitor: Visitor, fields: Pick<Stored, "from" | "content" | "clientId">): Stored {
    const at = new Date(this.#clock.now()).toISOString();
    const message: Stored = { messageId: this.nextId(), at, status: "sent", ...fields };
    visitor.messages.push(message);
    this.emit(visitor, "message", message);
    return message;
  }

  #token({ id, generation }: Visitor): { token: string; expiresAt: string } {
    const expiresAt = this.#clock.now() + tokenMs;
    return { token: `plv_${id}.${generation}.${expiresAt}`, expiresAt: new Date(expiresAt).toISOString() };
  }

  #greet(): Visitor {
    this.#count += 1;
    const id = `vis_${this.#count}`;
    const base = { id, generation: 0, rotationId: undefined, isTaken: true, end: undefined, isBegun: false };
    const visitor: Visitor = { ...base, messages: [], streams: new Set() };
    this.visitors.set(id, visitor);
    return visitor;
  }

  #answer(call: Recorded, url: URL, signal: AbortSignal | undefined): Response {
    if (this.isOff) return problem(404, "api.unknown_channel");
    if (call.path === "/start") return this.#start(call);
    const [id = "", generation = "", expires = ""] = (call.token ?? "").replace("plv_", "").split(".");
    const visitor = this.visitors.get(id);
    const isRotation = call.path === "/token";
    if (visitor === undefined) return problem(401, "visitors.token_invalid");
    if (visitor.end !== undefined) return problem(401, visitor.end);
    if (Number(expires) <= this.#clock.now() && !(isRotation && visitor.isBegun))
      return problem(401, "visitors.token_expired");
    const isFormer = Number(generation) < visitor.generation;
    if (isFormer && !(isRotation && !visitor.isTaken && visitor.rotationId === call.body.rotationId)) {
      visitor.end = "visitors.token_reused";
      return problem(401, visitor.end);
    }
    if (isRotation) return this.#rotate(call, visitor, isFormer);
    visitor.isTaken = true;
    return this.#serve(call, url, visitor, signal);
  }

  #start({ body }: Recorded): Response {
    if (Object.keys(body).some((name) => name !== "proof")) return problem(400, "api.invalid_input");
    if (this.difficulty !== undefined) {
      const proof = body.proof as { challenge: string; solution: string } | undefined;
      const first = proof === undefined ? -1 : (sha256(`${proof.challenge}.${proof.solution}`)[0] ?? -1);
      if (Math.clz32(first) < this.difficulty) {
        return problem(429, "visitors.proof_required", { proof: { challenge: "c-1", difficulty: this.difficulty } });
      }
    }
    const visitor = this.#greet();
    return json({ ...this.#token(visitor), visitorId: visitor.id, isVerified: false, mode: "bot", nonce: "nonce-1" });
  }

  #rotate({ body }: Recorded, visitor: Visitor, isRepeat: boolean): Response {
    if (visitor.isBegun && !isRepeat) {
      visitor.generation += 1;
      visitor.rotationId = String(body.rotationId);
      visitor.isTaken = false;
    }
    return json(this.#token(visitor));
  }

  #serve(call: Recorded, url: URL, visitor: Visitor, signal: AbortSignal | undefined): Response {
    const { pathname } = new URL(call.path, url);
    if (call.method === "POST" && pathname === "/messages") return this.#take(call, visitor);
    if (pathname === "/messages") return this.#page(url, visitor);
    if (pathname === "/stream") return this.#stream(url, visitor, signal);
    if (pathname === "/files")
      return json({ fileId: "fil_1", name: "a.png", type: "image/png", bytes: 3, kind: "image" }, 201);
    if (pathname === "/identify") return this.#identify(call, visitor);
    if (pathname === "/end") visitor.end = "visitors.session_ended";
    return new Response(null, { status: 204 });
  }

  #identify({ body }: Recorded, former: Visitor): Response {
    if (body.jwt === "bad") return problem(403, "visitors.identity_refused");
    former.end = "visitors.session_ended";
    const visitor = this.#greet();
    visitor.isBegun = true;
    return json({ ...this.#token(visitor), visitorId: visitor.id, isVerified: true, name: "Ada" });
  }

  #take({ body }: Recorded, visitor: Visitor): Response {
    const { clientId, type, text, title } = body as Record<string, string>;
    if (text === "forbidden") return problem(422, "visitors.not_offered", { detail: "No." });
    const isRepeat = visitor.messages.some((message) => message.clientId === clientId);
    visitor.isBegun = true;
    if (!isRepeat && clientId !== undefined) {
      const content =
        type === "payload"
          ? { type, title }
          : type === "file"
            ? { type: "image", media: { fileId: "fil_1" } }
            : { type, text };
      this.#store(visitor, { clientId, from: "visitor", content });
      const reply = this.repliesAs?.(text ?? title ?? "");
      if (reply !== undefined) this.say("bot", reply, visitor);
    }
    return json({ clientId, isRepeat, conversationId: "cnv_1" }, 202);
  }

  #page(url: URL, { messages }: Visitor): Response {
    const [after, before] = [url.searchParams.get("after"), url.searchParams.get("before")];
    const first = Math.min(Number(url.searchParams.get("first") ?? "50"), this.pageMax);
    const within = messages
      .filter(({ messageId }) => (after === null || messageId > after) && (before === null || messageId < before))
      .sort((a, b) => (a.messageId < b.messageId ? -1 : 1));
    const items = after === null ? within.slice(-first) : within.slice(0, first);
    return json({ items, mode: "bot", hasMore: within.length > items.length });
  }

  #stream(url: URL, visitor: Visitor, signal: AbortSignal | undefined): Response {
    const after = url.searchParams.get("after") ?? "";
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        visitor.streams.add(stream);
        stream.enqueue(encode("event: ready\ndata: {}\n\n"));
        for (const message of visitor.messages.filter(({ messageId }) => messageId > after)) {
          stream.enqueue(encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`));
        }
        signal?.addEventListener("abort", () => {
          if (visitor.streams.delete(stream)) stream.error(new TypeError("aborted"));
        });
      },
      cancel: () => undefined,
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }
}
