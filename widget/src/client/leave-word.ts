// Leaves a message when nobody answers. Loaded with the first one.

import type { Course } from "./course.ts";
import type { Environment } from "./environment.ts";
import { readTexts } from "./parse.ts";
import { drawId, type Lost, type Visit } from "./session.ts";
import type { Answer } from "./transport.ts";
import type { ChatState, Contact, Outcome } from "./types.ts";

interface LeaveWordOptions {
  readonly environment: Environment;
  readonly visit: Visit;
  readonly course: Course;
  readonly getState: () => ChatState;
  readonly consentRequired: boolean;
  readonly toOutcome: (answer: Answer | Lost) => Outcome;
}

/** Answers how to send the form of off hours. */
export function createLeaveWord(options: LeaveWordOptions): (contact: Contact) => Promise<Outcome> {
  const { environment, visit, course, getState, consentRequired, toOutcome } = options;
  let former: { key: string; clientId: string } | undefined;
  return async ({ email, text, name }) => {
    const fields = { email, text, ...readTexts({ name }, "name") };
    const key = JSON.stringify(fields);
    // The same form again is the same message, should the first answer have been lost.
    if (getState().needsConsent) return { isDone: false, problem: { code: "visitors.consent_required" } };
    if (former?.key !== key) former = { key, clientId: drawId(environment) };
    course.begin();
    if (!(await course.whenReady())) return { isDone: false, problem: { code: "client.ended" } };
    const json = { ...fields, clientId: former.clientId, ...(consentRequired ? { consent: true } : {}) };
    const answer = await visit.call({ method: "POST", path: "/contact", takesProof: true, json });
    // What was left is the first message of a conversation, in which it may be answered.
    if (answer.kind === "done") course.takeBegun();
    return toOutcome(answer);
  };
}
