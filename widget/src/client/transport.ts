// One call to `/chat/v1/channels/{channelId}`: what goes out, and the three things that can become of it. Says nothing
// about tokens' lives or about trying again; that is decided by who calls.

import type { Environment } from "./environment.ts";
import { pick, readFields, readText, readTexts } from "./parse.ts";
import type { Problem } from "./types.ts";

export interface Call {
  readonly method: "GET" | "POST";
  /** After the channel's path, such as `/messages?first=30`. */
  readonly path: string;
  readonly json?: unknown;
  readonly bytes?: Blob;
  readonly token?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type Answer =
  | { readonly kind: "done"; readonly response: Response }
  /** The server said no. A `retryAfterMs` stands with 429 and, when it names one, 503. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string;
      readonly detail?: string;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly retryAfterMs?: number;
    }
  /** No answer, or none that says whether it was done: network, time-out, 5xx. May be tried again. */
  | { readonly kind: "unreachable"; readonly retryAfterMs?: number };

export type Refusal = Exclude<Answer, { kind: "done" }>;

export interface Transport {
  call(call: Call): Promise<Answer>;
}

interface TransportOptions {
  readonly environment: Environment;
  readonly channelId: string;
  /** The origin of the page around the frame; sent as `Parley-Site`. Left out when the chat runs in that page itself. */
  readonly site?: string;
  /** Where the server is, when it is not the own origin. */
  readonly baseUrl?: string;
}

const callMs = 20_000;
const retryAfterMsMax = 3_600_000;

/** What `Retry-After` (RFC 9110 10.2.3) means from now, in milliseconds. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  const waitMs = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), retryAfterMsMax);
}

async function toAnswer(response: Response, now: number): Promise<Answer> {
  if (response.ok) return { kind: "done", response };
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now);
  const retry = pick({ retryAfterMs });
  if (response.status >= 500 || response.status === 408 || response.status === 425) {
    void response.body?.cancel();
    return { kind: "unreachable", ...retry };
  }
  const fields = readFields(await readJson(response));
  return {
    kind: "refused",
    status: response.status,
    code: readText(fields.code) ?? `client.status_${response.status}`,
    ...readTexts(fields, "detail"),
    fields,
    ...retry,
  };
}

/** The body as JSON; undefined when it is none or breaks off. */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function toInit({ method, json, bytes, token }: Call, site: string | undefined): RequestInit {
  const headers: Record<string, string> = {};
  if (site !== undefined) headers["Parley-Site"] = site;
  if (token !== undefined) headers["Authorization"] = `Bearer ${token}`;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (bytes !== undefined) headers["Content-Type"] = "application/octet-stream";
  const body = bytes ?? (json === undefined ? undefined : JSON.stringify(json));
  // SECURITY: no cookie, no redirect (it could carry the token elsewhere), no referrer.
  return {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    cache: "no-store",
  };
}

/** Answers how to call the server for one channel. A call never throws; the time-out ends with the answer's head. */
export function createTransport({ environment, channelId, site, baseUrl = "" }: TransportOptions): Transport {
  const { clock, request } = environment;
  const root = `${baseUrl}/chat/v1/channels/${encodeURIComponent(channelId)}`;
  return {
    async call(call) {
      const abort = new AbortController();
      const end = () => abort.abort();
      const stop = clock.after(call.timeoutMs ?? callMs, end);
      if (call.signal?.aborted === true) end();
      call.signal?.addEventListener("abort", end);
      try {
        const response = await request(`${root}${call.path}`, { ...toInit(call, site), signal: abort.signal });
        return await toAnswer(response, clock.now());
      } catch {
        return { kind: "unreachable" };
      } finally {
        stop();
      }
    },
  };
}

/** The refusal as views show it. */
export function toProblem(refusal: Refusal, now: number): Problem {
  const retry = refusal.retryAfterMs === undefined ? {} : { retryAt: now + refusal.retryAfterMs };
  if (refusal.kind === "unreachable") return { code: "client.unreachable", ...retry };
  return { code: refusal.code, ...pick({ detail: refusal.detail }), ...retry };
}
