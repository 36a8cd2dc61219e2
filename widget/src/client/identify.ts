// Brings the server what the page says of its visitor. What is said so is stored as what visitors say themselves: not before
// they agreed, and not before what they wrote as somebody unknown has gone out.

import type { Course } from "./course.ts";
import type { Environment } from "./environment.ts";
import type { Keeper } from "./keeper.ts";
import type { Outbox } from "./outbox.ts";
import { pick } from "./parse.ts";
import { wait } from "./pause.ts";
import type { Lost, Visit } from "./session.ts";
import type { Hooks, StateHolder } from "./store.ts";
import type { Answer } from "./transport.ts";
import type { ChatEvents, ChatState, Outcome } from "./types.ts";

interface IdentifyParts {
  readonly environment: Environment;
  readonly keeper: Keeper;
  readonly holder: StateHolder<ChatState>;
  readonly hooks: Hooks<ChatEvents>;
  readonly visit: Visit;
  readonly outbox: Outbox;
  readonly course: Course;
  readonly consentRequired: boolean;
  readonly toOutcome: (answer: Answer | Lost) => Outcome;
}

const busyMs = 250;

/** Answers how to identify the visitor by the page's JWT. */
export function createIdentify(parts: IdentifyParts): (jwt: string) => Promise<Outcome> {
  const { environment, keeper, holder, hooks, visit, outbox, course, consentRequired, toOutcome } = parts;
  const prove = async (jwt: string): Promise<Outcome> => {
    if (!(await course.whenReady())) return { isDone: false, problem: { code: "client.ended" } };
    await holder.when(({ needsConsent }) => !needsConsent);
    const claim = { jwt, ...(consentRequired ? { consent: true } : {}) };
    for (;;) {
      const answer = await visit.identify(claim, () => holder.getState().needsIdentity || outbox.isQuiet());
      if (answer.kind !== "busy") return toOutcome(answer);
      outbox.pump();
      await wait(environment.clock, busyMs);
    }
  };
  return async (jwt) => {
    const outcome = await prove(jwt);
    if (outcome.isDone) {
      keeper.forgetMark();
      course.adopt();
      hooks.emit("identified", pick({ name: keeper.readSession()?.name }));
    } else hooks.emit("identityRefused", { code: outcome.problem.code });
    return outcome;
  };
}
