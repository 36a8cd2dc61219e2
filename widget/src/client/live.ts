// Keeps this tab's conversation whole while it runs: asks for what it missed, then holds the stream open, and does so again
// after each break: at once when the network comes back or the page is looked at, else after a growing wait.

import { waitMs } from "./backoff.ts";
import type { Environment } from "./environment.ts";
import { createEventParser, type StreamEvent } from "./event-stream.ts";
import { type MessagePage, parsePage } from "./parse.ts";
import { createPause } from "./pause.ts";
import { type Lost, toEnd, type Visit } from "./session.ts";
import { type Answer, readJson, toProblem } from "./transport.ts";
import type { Problem } from "./types.ts";

interface LiveOptions {
  readonly environment: Environment;
  readonly visit: Visit;
  /** From where on to ask again; undefined when nothing is known yet. */
  readonly findResumePoint: () => string | undefined;
  readonly findLast: () => string | undefined;
  /** A page; `isFirst` when it is the newest of a conversation of which nothing was known. */
  readonly onPage: (page: MessagePage, isFirst: boolean) => void;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onConnection: (connection: "connecting" | "online" | "offline", problem?: Problem) => void;
  readonly onLost: (lost: Lost) => void;
}

export interface Live {
  start(): void;
  stop(): void;
  /** There is a reason to look at once; `gently` leaves alone what is under way, which may be doing so. */
  wake(gently?: boolean): void;
}

const silenceMs = 35_000;
/** A stream that said something this long ago is trusted on waking. */
const freshMs = 20_000;
const pageSize = 50;
/** A connection that broke sooner counts as a failed one. */
const steadyMs = 10_000;

type Broken = Exclude<Answer, { kind: "done" }> | Lost;

interface Reading {
  readonly response: Response;
  readonly clock: Environment["clock"];
  readonly abort: AbortController;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onLife: () => void;
}

/** Reads until the stream ends, breaks, is aborted or is silent for too long. Never throws. */
async function readStream({ response, clock, abort, onEvent, onLife }: Reading): Promise<void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const end = () => void reader.cancel().catch(() => undefined);
  abort.signal.addEventListener("abort", end);
  const parse = createEventParser();
  try {
    for (;;) {
      const stop = clock.after(silenceMs, () => abort.abort());
      const { done, value } = await reader.read().finally(stop);
      if (done || abort.signal.aborted) return;
      onLife();
      for (const event of parse(value)) onEvent(event);
    }
  } catch {
    // Broken: the next connection asks for what is missing.
  } finally {
    end();
  }
}

/** The connection of one tab. */
export function createLive(options: LiveOptions): Live {
  const { environment, visit, onPage, onEvent, onConnection } = options;
  const { clock } = environment;
  const pause = createPause(clock);
  let round: AbortController | undefined;
  let lastLifeAt = 0;

  /** Undefined when all that was missed is here. */
  const catchUp = async (signal: AbortSignal): Promise<Broken | undefined> => {
    let after = options.findResumePoint();
    for (;;) {
      const answer = await visit.call({
        method: "GET",
        path: `/messages?${after === undefined ? "" : `after=${after}&`}first=${pageSize}`,
        signal,
      });
      if (answer.kind !== "done") return answer;
      const body = await readJson(answer.response);
      if (body === undefined) return { kind: "unreachable" };
      if (signal.aborted) return undefined;
      const page = parsePage(body);
      onPage(page, after === undefined);
      const last = page.items.at(-1)?.messageId;
      if (after === undefined || !page.hasMore || last === undefined || last <= after) return undefined;
      after = last;
    }
  };
  /** One connection from asking to its end; undefined when it stood for a while. */
  const connect = async (own: AbortController): Promise<Broken | undefined> => {
    const broken = await catchUp(own.signal);
    if (broken !== undefined || own.signal.aborted) return broken;
    const last = options.findLast();
    const path = `/stream${last === undefined ? "" : `?after=${last}`}`;
    const answer = await visit.call({ method: "GET", path, signal: own.signal });
    if (answer.kind !== "done") return answer;
    const begunAt = clock.now();
    const onLife = () => {
      lastLifeAt = clock.now();
    };
    onLife();
    if (!own.signal.aborted) onConnection("online");
    await readStream({ response: answer.response, clock, abort: own, onEvent, onLife });
    return clock.now() - begunAt >= steadyMs ? undefined : { kind: "unreachable" };
  };

  const run = async (whole: AbortController) => {
    for (let attempt = 1; !whole.signal.aborted; attempt += 1) {
      const own = new AbortController();
      const end = () => own.abort();
      whole.signal.addEventListener("abort", end);
      current = own;
      const broken = await connect(own);
      whole.signal.removeEventListener("abort", end);
      if (whole.signal.aborted) return;
      if (broken?.kind === "lost") return options.onLost(broken);
      if (broken?.kind === "refused" && broken.status !== 429) {
        return options.onLost(toEnd(broken) ?? { kind: "lost", reason: "refused" });
      }
      if (broken === undefined) attempt = 1;
      const delayMs = broken?.retryAfterMs ?? waitMs(attempt, environment.randomBytes);
      const trouble = broken?.kind === "refused" ? toProblem(broken, clock.now()) : undefined;
      // The first break is mended within a second: nothing worth a notice.
      onConnection(attempt > 1 || !environment.isOnline() ? "offline" : "connecting", trouble);
      await pause.wait(delayMs);
    }
  };
  let current: AbortController | undefined;
  return {
    start() {
      if (round !== undefined) return;
      round = new AbortController();
      onConnection("connecting");
      void run(round);
    },
    stop() {
      round?.abort();
      round = undefined;
      pause.cut();
    },
    wake(gently) {
      if (!gently && clock.now() - lastLifeAt > freshMs) current?.abort();
      pause.cut();
    },
  };
}
