// What the visitor said, on its way. Kept on the shelf until it is seen in the conversation; sent in order, one at a time
// over all tabs, and again under the same `clientId` until the server has answered, which makes a repetition harmless.

import { waitMs } from "./backoff.ts";
import type { Environment } from "./environment.ts";
import type { Keeper, Parcel } from "./keeper.ts";
import { createPause } from "./pause.ts";
import { drawId, type Lost, type Visit } from "./session.ts";
import { type Answer, toProblem } from "./transport.ts";
import type { Content, Problem } from "./types.ts";

interface OutboxOptions {
  readonly environment: Environment;
  readonly keeper: Keeper;
  readonly visit: Visit;
  readonly lockName: string;
  /** Whether sending is allowed at all now (a session, an identity where one is required). */
  readonly isReady: () => boolean;
  readonly needsConsent: boolean;
  /** Rows have changed; other tabs are told. */
  readonly onChange: () => void;
  readonly onAccepted: () => void;
  readonly onLost: (lost: Lost) => void;
  /** Why sending waits; undefined when it goes on. */
  readonly onTrouble: (problem: Problem | undefined) => void;
}

export interface Outbox {
  add(body: Readonly<Record<string, unknown>>, content: Content): void;
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** Sends what waits; at once, even amid a pause. */
  pump(): void;
  /** Whether nothing waits to be sent. */
  isQuiet(): boolean;
  /** Takes away what has been seen in the conversation. */
  settle(clientIds: ReadonlySet<string | undefined>): void;
  /** Takes away what was accepted: it is of a conversation that is shown no more. */
  dropAccepted(): void;
  clear(): void;
  stop(): void;
}

const isWaiting = (parcel: Parcel): boolean => !parcel.isAccepted && parcel.problem === undefined;

/** The outbox of one tab; all tabs work on the same shelf. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { environment, keeper, visit, lockName, isReady, needsConsent, onChange, onTrouble } = options;
  const { clock, locks } = environment;
  const pause = createPause(clock);
  let isPumping = false;
  let isStopped = false;
  let mayCut = true;

  const findNext = () => (isReady() && !isStopped ? keeper.listParcels().find(isWaiting) : undefined);
  /** What a parcel that is still there has become: it may have been seen or discarded meanwhile. */
  const change = (clientId: string, changed: Partial<Parcel>) => {
    const parcel = keeper.listParcels().find((parcel) => parcel.clientId === clientId);
    if (parcel !== undefined) keeper.writeParcel({ ...parcel, ...changed });
    onChange();
  };
  const sendOne = (): Promise<Answer | Lost | undefined> =>
    locks.hold(lockName, "exclusive", async () => {
      // Chosen within the lock: another tab may have sent what was first before.
      const parcel = findNext();
      if (parcel === undefined) return undefined;
      const { clientId, body } = parcel;
      const consent = needsConsent ? { consent: true } : {};
      const answer = await visit.call({
        ...{ method: "POST", path: "/messages", takesProof: true, json: { clientId, ...consent, ...body } },
      });
      if (answer.kind === "done") {
        void answer.response.body?.cancel();
        change(clientId, { isAccepted: true });
      }
      if (answer.kind === "refused" && answer.status !== 429) {
        change(clientId, { problem: toProblem(answer, clock.now()) });
      }
      return answer;
    });

  /** How long to wait before the next parcel, or undefined to end. */
  const judge = (answer: Answer | Lost, attempt: number): number | undefined => {
    if (answer.kind === "lost") {
      options.onLost(answer);
      return undefined;
    }
    if (answer.kind === "done") options.onAccepted();
    const isTrouble = answer.kind === "unreachable" || (answer.kind === "refused" && answer.status === 429);
    if (!isTrouble) {
      onTrouble(undefined);
      return 0;
    }
    const delayMs = answer.retryAfterMs ?? waitMs(attempt, environment.randomBytes);
    onTrouble(toProblem({ ...answer, retryAfterMs: delayMs }, clock.now()));
    // A limit is waited for; a network may be back before.
    mayCut = answer.kind === "unreachable" && answer.retryAfterMs === undefined;
    return delayMs;
  };
  const run = async () => {
    let attempt = 0;
    for (;;) {
      const answer = findNext() === undefined ? undefined : await sendOne();
      if (answer === undefined) {
        if (findNext() === undefined) return;
        continue;
      }
      const delayMs = judge(answer, attempt + 1);
      if (delayMs === undefined || isStopped) return;
      attempt = delayMs === 0 ? 0 : attempt + 1;
      if (delayMs > 0) await pause.wait(delayMs);
      mayCut = true;
    }
  };
  const pump = () => {
    if (mayCut) pause.cut();
    if (isPumping || isStopped) return;
    isPumping = true;
    const end = (isFine: boolean) => {
      isPumping = false;
      // What came in between the last look and here.
      if (isFine && findNext() !== undefined) pump();
    };
    void run().then(
      () => end(true),
      () => end(false),
    );
  };
  return {
    add(body, content) {
      const last = keeper.listParcels().at(-1)?.order ?? 0;
      const order = Math.max(clock.now(), last + 1);
      keeper.writeParcel({ clientId: drawId(environment), order, body, content, isAccepted: false });
      onChange();
      pump();
    },
    retry(clientId) {
      const parcels = keeper.listParcels();
      const parcel = parcels.find((parcel) => parcel.clientId === clientId);
      if (parcel?.problem === undefined) return;
      const { problem: _, ...rest } = parcel;
      keeper.writeParcel({ ...rest, order: Math.max(clock.now(), (parcels.at(-1)?.order ?? 0) + 1) });
      onChange();
      pump();
    },
    discard(clientId) {
      if (keeper.listParcels().find((parcel) => parcel.clientId === clientId)?.problem === undefined) return;
      keeper.removeParcel(clientId);
      onChange();
    },
    pump,
    isQuiet: () => !keeper.listParcels().some(isWaiting),
    settle(clientIds) {
      const seen = keeper.listParcels().filter(({ clientId }) => clientIds.has(clientId));
      for (const { clientId } of seen) keeper.removeParcel(clientId);
    },
    dropAccepted() {
      for (const { clientId, isAccepted } of keeper.listParcels()) if (isAccepted) keeper.removeParcel(clientId);
    },
    clear() {
      for (const { clientId } of keeper.listParcels()) keeper.removeParcel(clientId);
      onChange();
    },
    stop() {
      isStopped = true;
      pause.cut();
    },
  };
}
