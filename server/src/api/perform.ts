// Carries out a call: one transaction in the caller's tenant, opened here and nowhere else. The answer is checked against
// the declared view before the commit, so what is not a view is never answered and what cannot be answered is never done.

import { AppError, isError, kernelErrors } from "../kernel/errors.ts";
import {
  AfterCommit,
  FileAnswer,
  type Operation,
  SessionAnswer,
  StreamAnswer,
  type TxOf,
} from "../kernel/operation.ts";
import { type Answer, type Call, type Means, organisationOf, tenantOf, userOf } from "./call.ts";
import { assertUnchanged } from "./concurrency/entity-tag.ts";
import { listSessionHeaders, strictCookies } from "./cookies.ts";
import { apiErrors } from "./errors.ts";

const noBytes = Buffer.alloc(0);

/** What a transaction ends with: the answer, or work that finds it after the commit. */
export type Outcome = Answer | AfterCommit<unknown>;

/** Any transaction an operation can be given. */
export type AnyTx = TxOf<Operation["scope"]>;

/** The view an operation declared. SECURITY: a field that is not declared is not sent. */
export function toView(operation: Operation, value: unknown): unknown {
  const result = operation.output.safeParse(value);
  if (result.success) return result.data;
  const note = `${operation.name} answered what is not its view`;
  throw new AppError(kernelErrors.bug, { note, cause: result.error });
}

function listTargets(call: Call): Record<string, string> {
  const names = Object.keys(call.operation.params?.shape ?? {});
  return Object.fromEntries(names.map((name) => [name, String(Reflect.get(call.input, name))]));
}

async function record(means: Means, tx: AnyTx, what: { call: Call; view: unknown }): Promise<void> {
  const { operation, requestId, origin } = what.call;
  // What stands nowhere knows only while it runs whose log it belongs to, and writes there itself.
  if (typeof operation.audit !== "string" || means.recordAudit === undefined || tx === undefined) return;
  const targets = listTargets(what.call);
  const entry = {
    action: operation.audit,
    operation: operation.name,
    requestId,
    remoteAddress: origin.address,
    targets,
    view: what.view,
  };
  await means.recordAudit(tx, entry);
}

/** Runs the operation and records it, in `tx`. */
export async function performIn(tx: AnyTx, call: Call, means: Means): Promise<Outcome> {
  const { operation, actor, input, requestId, origin, condition, bytes = noBytes } = call;
  const context = { tx, actor, input, requestId, origin, bytes };
  if (condition !== undefined) await assertUnchanged({ operation, input, condition }, context, toView);
  const result = await operation.run(context);
  if (result instanceof AfterCommit) {
    await record(means, tx, { call, view: undefined });
    return result;
  }
  if (result instanceof StreamAnswer) {
    await record(means, tx, { call, view: undefined });
    return { status: 200, body: undefined, attach: result.attach };
  }
  if (result instanceof FileAnswer) {
    await record(means, tx, { call, view: undefined });
    return { status: 200, body: undefined, file: result.file };
  }
  const isSession = result instanceof SessionAnswer;
  const body = toView(operation, isSession ? result.view : result);
  await record(means, tx, { call, view: body });
  const headers = isSession ? listSessionHeaders(result, means.cookiePolicy ?? strictCookies) : [];
  return { status: operation.successStatus ?? 200, body, headers };
}

/** Does what waits for the commit. Throws `api.answer_lost` for a bug: what was committed stays done. */
export async function finish(
  operation: Operation,
  waiting: AfterCommit<unknown>,
  { cookiePolicy = strictCookies }: Pick<Means, "cookiePolicy"> = {},
): Promise<Answer> {
  try {
    const done = await waiting.work();
    if (done instanceof FileAnswer) return { status: 200, body: undefined, file: done.file };
    if (done instanceof StreamAnswer) return { status: 200, body: undefined, attach: done.attach };
    const { status, body } = done;
    if (!(body instanceof SessionAnswer)) return { status, body: toView(operation, body) };
    return { status, body: toView(operation, body.view), headers: listSessionHeaders(body, cookiePolicy) };
  } catch (error) {
    // The caller of a bug is told that nothing was changed, which is not so here: it would repeat what was done.
    const isBug = !(error instanceof AppError) || isError(error, kernelErrors.bug);
    throw isBug ? new AppError(apiErrors.answerLost, { note: operation.name, cause: error }) : error;
  }
}

function transact(call: Call, means: Means): Promise<Outcome> {
  const { database } = means;
  const { actor } = call;
  switch (call.operation.scope) {
    case "app":
    case "visitor":
      return database.withTenant(actor, tenantOf(call), (tx) => performIn(tx, call, means));
    case "organisation":
      return database.withOrganisation(actor, organisationOf(call), (tx) => performIn(tx, call, means));
    case "user":
      return database.withUser(actor, userOf(call), (tx) => performIn(tx, call, means));
    case "public":
      return performIn(undefined, call, means);
  }
}

/** Carries out a call that has no Idempotency-Key. */
export async function perform(call: Call, means: Means): Promise<Answer> {
  const outcome = await transact(call, means);
  return outcome instanceof AfterCommit ? finish(call.operation, outcome, means) : outcome;
}
