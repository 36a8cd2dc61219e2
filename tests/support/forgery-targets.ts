// What a forged request is after: every operation that changes something, as the interface takes it, and every form of the
// pages. With the best that an attacker can know: all ids, and every secret but those of the victim's browser.

import type { Operation } from "../../server/src/kernel/operation.ts";
import { pagePaths } from "../../server/src/pages/index.ts";
import { pageRoutes } from "../../server/src/pages/routes/index.ts";
import type { Owner } from "./people-browser.ts";
import { samples } from "./samples.ts";
import type { Objects } from "./world-objects.ts";
import { toUrl } from "./world-requests.ts";

export interface ForgeryTarget {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly body?: object;
  /** True for what rests on the session's cookie. */
  readonly isSessions: boolean;
}

function toTarget(origin: string, operation: Operation, objects: Objects): ForgeryTarget {
  const sample = samples[operation.name];
  if (sample === undefined) throw new Error(`there is no sample of ${operation.name}`);
  const request = sample.request(objects);
  const body = operation.body === undefined ? {} : { body: request.body ?? {} };
  const { name, method, scope } = operation;
  const isSessions = scope !== "public" && scope !== "visitor";
  return { name, method, url: `${origin}${toUrl(operation, request)}`, ...body, isSessions };
}

/** One target for each operation that changes something. */
export function listOperationTargets(
  origin: string,
  operations: readonly Operation[],
  objects: Objects,
): ForgeryTarget[] {
  return operations.filter(({ method }) => method !== "GET").map((one) => toTarget(origin, one, objects));
}

/** One target for each form. */
export function listPageTargets(origin: string, objects: Objects, victim: Owner): ForgeryTarget[] {
  const { email, password } = victim;
  const { organisationId, appId, tokenId, passkeyId, sessionId } = objects;
  const fields: Readonly<Record<string, object>> = {
    [pagePaths.signIn]: { email, password },
    [pagePaths.reset]: { email },
    [pagePaths.password]: { currentPassword: password, newPassword: "chosen by somebody else entirely" },
    [pagePaths.passkeysRename]: { passkeyId, name: "Mine" },
    [pagePaths.passkeysRemove]: { passkeyId },
    [pagePaths.sessionsEnd]: { sessionId },
    [pagePaths.ownership]: { organisationId },
    [pagePaths.ownershipEnd]: { organisationId },
    [pagePaths.deletion]: { organisationId },
    [pagePaths.tokensRevoke]: { appId, tokenId },
    [pagePaths.confirm]: { method: "password", password },
  };
  const routes = pageRoutes.filter((route) => route.post !== undefined);
  return routes.map(({ path, needs }) => ({
    ...{ name: `page ${path}`, method: "POST", url: `${origin}${path}` },
    body: fields[path] ?? {},
    isSessions: needs === "user",
  }));
}
