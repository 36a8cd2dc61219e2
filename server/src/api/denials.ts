// Notes in the organisation's audit log that somebody known was denied something. A denial changes nothing, so it is
// written on its own, after the answer; the same denial of the same caller once a minute, so that a client gone wild fills
// neither the log nor the database.

import type { Caller } from "../kernel/actor.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { OrganisationId } from "../kernel/ids.ts";
import type { Operation } from "../kernel/operation.ts";
import type { HttpLog } from "../platform/http/index.ts";
import type { AuditEntry } from "./call.ts";

const windowMs = 60_000;
const notedMax = 10_000;

export interface DenialsOptions {
  readonly clock: Clock;
  readonly log: HttpLog;
  /** Writes an entry into the log of an organisation, as `actor`. */
  readonly record: (actor: Caller, organisationId: OrganisationId, entry: AuditEntry) => Promise<void>;
}

export interface Denied {
  readonly actor: Caller;
  readonly operation: Operation;
  readonly error: unknown;
  readonly requestId: string;
  readonly remoteAddress: string;
}

export class Denials {
  readonly #options: DenialsOptions;
  readonly #noted = new Map<string, number>();

  constructor(options: DenialsOptions) {
    this.#options = options;
  }

  /** Notes a refusal of status 403 to somebody who stands in an organisation. Everything else is nobody's to read. */
  note(denied: Denied): void {
    const { actor, operation, error } = denied;
    if (!(error instanceof AppError) || error.status !== 403 || isNobody(actor)) return;
    const { organisationId } = actor;
    if (organisationId === undefined || !this.#isDue(`${toId(actor)} ${operation.name} ${error.code}`)) return;
    const permission = typeof operation.permission === "string" ? { permission: operation.permission } : {};
    const place = actor.appId === undefined ? {} : { appId: actor.appId };
    const entry = {
      ...{ action: "access.denied", operation: operation.name, requestId: denied.requestId },
      ...{
        remoteAddress: denied.remoteAddress,
        targets: { code: error.code, ...permission, ...place },
        view: undefined,
      },
    };
    this.#options.record(actor, organisationId, entry).catch((failure: unknown) => {
      this.#options.log.error({ err: failure, operation: operation.name }, "a denial could not be recorded");
    });
  }

  #isDue(key: string): boolean {
    const now = this.#options.clock.nowMs();
    const last = this.#noted.get(key);
    if (last !== undefined && now - last < windowMs) return false;
    this.#noted.delete(key);
    this.#noted.set(key, now);
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > notedMax && oldest !== undefined) this.#noted.delete(oldest);
    return true;
  }
}

/** SECURITY: strangers write into nobody's audit log, however often they are refused. */
function isNobody(actor: Caller): actor is Extract<Caller, { kind: "anonymous" | "visitor" }> {
  return actor.kind === "anonymous" || actor.kind === "visitor";
}

function toId(actor: Exclude<Caller, { kind: "anonymous" | "visitor" }>): string {
  return actor.kind === "token" ? actor.tokenId : `${actor.userId} ${actor.appId ?? ""}`;
}
