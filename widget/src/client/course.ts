// The course of a session in this tab: begun on demand, taken over from other tabs, ended. Everything that starts and stops
// the stream is here, so that there is one stream, of the visitor whom the shelf names.

import { waitMs } from "./backoff.ts";
import type { Conversation } from "./conversation.ts";
import type { Environment } from "./environment.ts";
import type { Keeper } from "./keeper.ts";
import type { Live } from "./live.ts";
import type { Outbox } from "./outbox.ts";
import { createPause } from "./pause.ts";
import type { Lost, Visit } from "./session.ts";
import type { Hooks, StateHolder } from "./store.ts";
import { toProblem } from "./transport.ts";
import type { ChatEvents, ChatState, EndReason, Problem } from "./types.ts";

export interface Parts {
  readonly environment: Environment;
  readonly keeper: Keeper;
  readonly holder: StateHolder<ChatState>;
  readonly hooks: Hooks<ChatEvents>;
  readonly visit: Visit;
  readonly conversation: Conversation;
  readonly live: Live;
  readonly outbox: Outbox;
  readonly identity: "off" | "optional" | "required";
  readonly tellTabs: (word: object) => void;
  /** A session is taken up; whether its visitor has consented. */
  readonly onConsented: (isConsented: boolean) => void;
  readonly setProblem: (source: "start", problem: Problem | undefined) => void;
}

export interface Course {
  /** Takes up the kept session or starts one; nothing when there is one. */
  begin(): void;
  /** Gives up a start that is under way, unless something waits to be sent. */
  relent(): void;
  /** The shelf may name another session now. */
  adopt(): void;
  /** The conversation exists on the server from here on. */
  takeBegun(): void;
  lose(lost: Lost): void;
  /** Over in this tab; `isTold` when another tab said so. */
  finish(reason: EndReason, isTold?: boolean): void;
  restart(): void;
  /** Resolves when there is a session; false when it ended before. */
  whenReady(): Promise<boolean>;
  wake(): void;
  stop(): void;
}

/** Sessions begun in silence one after the other before that counts as an end. */
const silentStartsMax = 3;
const silentWithinMs = 60_000;

/** The course in one tab. */
export function createCourse(parts: Parts): Course {
  const { environment, keeper, holder, hooks, visit, conversation, live, outbox, identity, setProblem } = parts;
  const pause = createPause(environment.clock);
  let starting: AbortController | undefined;
  let visitorId: string | undefined;
  let silentStarts: readonly number[] = [];

  const isWanted = () => holder.getState().isOpen || !outbox.isQuiet();
  const adopt = () => {
    const session = keeper.readSession();
    if (session === undefined) return;
    if (session.visitorId !== visitorId) {
      live.stop();
      if (visitorId !== undefined) outbox.dropAccepted();
      conversation.clear();
      visitorId = session.visitorId;
    }
    const { isVerified, name, isBegun } = session;
    parts.onConsented(session.isConsented);
    const needsIdentity = identity === "required" && !isVerified;
    const isLoaded = !isBegun || holder.getState().isLoaded;
    holder.update({ phase: "ready", endReason: undefined, isVerified, name, needsIdentity, isLoaded });
    if (isBegun) live.start();
    else holder.update({ connection: "online" });
    conversation.refresh();
    outbox.pump();
  };
  const start = async (signal: AbortSignal): Promise<void> => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const came = await visit.start(signal);
      if (signal.aborted) return;
      if (came.kind === "done") {
        setProblem("start", undefined);
        return adopt();
      }
      if (came.kind === "lost") return finish(came.reason === "expired" ? "refused" : came.reason);
      if (came.kind === "refused" && came.status !== 429) {
        setProblem("start", toProblem(came, environment.clock.now()));
        return finish("refused");
      }
      const retryAfterMs = came.retryAfterMs ?? waitMs(attempt, environment.randomBytes);
      setProblem("start", toProblem({ ...came, retryAfterMs }, environment.clock.now()));
      holder.update({ connection: "offline" });
      await pause.wait(retryAfterMs);
    }
  };
  const begin = () => {
    if (starting !== undefined || holder.getState().phase !== "idle") return;
    starting = new AbortController();
    const own = starting;
    holder.update({ phase: "starting", connection: "connecting" });
    void start(own.signal).finally(() => {
      if (starting === own) starting = undefined;
    });
  };
  const cancel = () => {
    starting?.abort();
    starting = undefined;
    pause.cut();
  };
  const finish = (reason: EndReason, isTold = false) => {
    cancel();
    live.stop();
    visitorId = undefined;
    holder.update({ phase: "ended", connection: "none", endReason: reason, typing: undefined, needsIdentity: false });
    if (!isTold) parts.tellTabs({ type: "ended", reason });
    hooks.emit("ended", { reason });
  };
  const lose = (lost: Lost) => {
    if (holder.getState().phase !== "ready") return;
    const isBegun = keeper.readSession()?.isBegun === true;
    if (!visit.forget()) return adopt();
    const { reason } = lost;
    // Nobody misses a session in which nothing was said, or of which nothing was shown: it ran out between two visits.
    const isSilent = (reason === "expired" || reason === "ended") && (!isBegun || !holder.getState().isLoaded);
    const now = environment.clock.now();
    silentStarts = [...silentStarts.filter((at) => at > now - silentWithinMs), now];
    if (!isSilent || silentStarts.length > silentStartsMax) return finish(reason === "expired" ? "ended" : reason);
    live.stop();
    visitorId = undefined;
    keeper.forgetMark();
    holder.update({ phase: "idle", connection: "none" });
    if (isWanted()) begin();
  };
  return {
    begin,
    relent() {
      if (starting === undefined || !outbox.isQuiet()) return;
      cancel();
      holder.update({ phase: "idle", connection: "none" });
    },
    adopt,
    takeBegun() {
      live.start();
      if (keeper.readSession()?.isBegun === true) return;
      void visit.note({ isBegun: true }).then(() => parts.tellTabs({ type: "session" }));
    },
    lose,
    finish,
    restart() {
      if (holder.getState().phase !== "ended") return;
      keeper.forgetMark();
      outbox.dropAccepted();
      conversation.clear();
      setProblem("start", undefined);
      holder.update({ phase: "idle", endReason: undefined, isVerified: false, name: undefined });
      begin();
    },
    whenReady: async () => (await holder.when(({ phase }) => phase === "ready" || phase === "ended")).phase === "ready",
    wake: () => pause.cut(),
    stop: cancel,
  };
}
