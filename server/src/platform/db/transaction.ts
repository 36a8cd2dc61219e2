// The only handle on tenant data. A transaction runs as the runtime role (SET LOCAL ROLE) and, before each statement,
// stands in exactly the tenant that statement is for; row-level security reads the same setting. Statements of one turn of
// the event loop go out together and in order, so entering a tenant and using it cannot be interleaved by another.

import type pg from "pg";
import type { Actor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import { type OrganisationId, type Tenant, toUuid, type UserId } from "../../kernel/ids.ts";
import type { BatchTx, OrganisationTx, Scope, SqlValue, Statement, TenantTx, UserTx } from "../../kernel/tenant-tx.ts";
import { databaseErrors } from "./errors.ts";
import { type Answer, Flight, type Passenger } from "./flight.ts";
import { toWireValue } from "./wire-value.ts";

const enterSql = {
  name: "parley.enter",
  text: `select set_config('role', $1, true), set_config('parley.organisation_id', $2, true),
    set_config('parley.app_id', $3, true)`,
};

/** The role stays for the whole transaction; a further tenant changes the setting only. */
const moveSql = {
  name: "parley.move",
  text: "select set_config('parley.organisation_id', $1, true), set_config('parley.app_id', $2, true)",
};

/** Into and out of a person's rows: the tenant's settings are emptied, so that never two scopes are open at once. */
const becomeSql = {
  name: "parley.become",
  text: `select set_config('role', $1, true), set_config('parley.organisation_id', $2, true),
    set_config('parley.app_id', $3, true), set_config('parley.user_id', $4, true)`,
};

const beginSql = { name: "parley.begin", text: "begin" };
const commitSql = { name: "parley.commit", text: "commit" };
const rollbackSql = { name: "parley.rollback", text: "rollback" };

interface Query {
  readonly name: string;
  readonly text: string;
}

const ignore = (): void => undefined;

/** SQLSTATEs that say "again, please": serialization failure, deadlock, lock not available, shutdown. */
const transientStates = new Set(["40001", "40P01", "55P03", "57P01", "57P02", "57P03"]);

/** The product's error for one the driver raised. */
export function toDatabaseError(cause: unknown, statementName: string): AppError {
  if (cause instanceof AppError) return cause;
  const state = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  const note = `${statementName}: ${state || (cause instanceof Error ? cause.message : "unknown")}`;
  if (state === "23505") return new AppError(databaseErrors.conflict, { note, cause });
  if (transientStates.has(state)) return new AppError(databaseErrors.rolledBack, { note, cause });
  // Connection errors carry a system code (ECONNREFUSED) or none at all; SQLSTATEs are five characters.
  if (!/^[0-9A-Z]{5}$/.test(state)) return new AppError(databaseErrors.unavailable, { note, cause });
  return new AppError(databaseErrors.misuse, { note, cause });
}

/** Where the wire stands: which tenant the last `set_config` named. */
interface Standing {
  readonly organisation: string;
  readonly app: string;
  /** Set only while in a person's rows. */
  readonly user?: string;
}

/** One open transaction on one connection. Made and ended by `Database` only. */
export class Transaction implements BatchTx {
  readonly actor: Actor;
  readonly #client: pg.ClientBase;
  readonly #runtimeRole: string;
  readonly #afterCommit: (() => void)[] = [];
  readonly #last: Promise<unknown>[] = [];
  #standing: Standing | undefined;
  #waiting: Passenger[] = [];
  /** A flight is under way or about to depart. */
  #isBusy = false;
  #isOpen = true;
  #firstFailure: AppError | undefined;

  constructor(client: pg.ClientBase, actor: Actor, runtimeRole: string) {
    this.#client = client;
    this.actor = actor;
    this.#runtimeRole = runtimeRole;
    // A connection that cannot begin fails every statement behind it too.
    this.#wait(beginSql, [], ignore, ignore);
  }

  enter(tenant: Tenant): TenantTx {
    const [organisation, app] = [toUuid(tenant.organisationId), toUuid(tenant.appId)];
    const standing = { organisation, app };
    const enterOrganisation = (): OrganisationTx => this.enterOrganisation(tenant.organisationId, app);
    return {
      tenant,
      actor: this.actor,
      get organisation() {
        return enterOrganisation();
      },
      query: (statement, values = []) => this.#run(statement, standing, "app", [organisation, app, ...values]),
      afterCommit: (work) => this.afterCommit(work),
    };
  }

  /** The organisation's own rows; `app` stays entered when the handle belongs to an app's transaction. */
  enterOrganisation(organisationId: OrganisationId, app = ""): OrganisationTx {
    const organisation = toUuid(organisationId);
    return {
      organisationId,
      actor: this.actor,
      query: (statement, values = []) =>
        this.#run(statement, { organisation, app }, "organisation", [organisation, ...values]),
      batch: this,
      afterCommit: (work) => this.afterCommit(work),
    };
  }

  enterUser(userId: UserId): UserTx {
    const user = toUuid(userId);
    const standing = { organisation: "", app: "", user };
    return {
      userId,
      actor: this.actor,
      query: (statement, values = []) => this.#run(statement, standing, "user", [user, ...values]),
      batch: this,
      afterCommit: (work) => this.afterCommit(work),
    };
  }

  lookUp<Row>(statement: Statement<Row, "system">, values: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#run(statement, this.#standing ?? { organisation: "", app: "" }, "system", values);
  }

  afterCommit(work: () => void): void {
    this.#afterCommit.push(work);
  }

  last(statement: Promise<unknown>): void {
    // Awaited by `commit`; until then a failure must not count as unhandled.
    statement.catch(() => undefined);
    this.#last.push(statement);
  }

  /** Commits. Throws, with nothing kept, when any statement had failed. */
  async commit(): Promise<void> {
    this.#isOpen = false;
    const committing = this.#send(commitSql);
    committing.catch(() => undefined);
    await Promise.all(this.#last);
    const result = await committing;
    // PostgreSQL answers COMMIT of a failed transaction with the tag ROLLBACK, not with an error.
    if (result.command !== "COMMIT") {
      throw (
        this.#firstFailure ?? new AppError(databaseErrors.rolledBack, { note: `commit answered ${result.command}` })
      );
    }
    for (const work of this.#afterCommit) work();
  }

  async rollBack(): Promise<void> {
    this.#isOpen = false;
    await this.#send(rollbackSql);
  }

  #run<Row>(statement: Statement<Row>, standing: Standing, scope: Scope, values: readonly SqlValue[]): Promise<Row[]> {
    if (!this.#isOpen || statement.scope !== scope) {
      const note = `${statement.name} outside its transaction or scope`;
      return Promise.reject(new AppError(databaseErrors.misuse, { note }));
    }
    return new Promise((resolve, reject) => {
      this.#stand(standing);
      this.#wait(statement, values, (answer) => resolve(answer.rows as Row[]), reject);
    });
  }

  /** SECURITY: sent before the statement on the same ordered wire; a failure aborts the transaction, so nothing runs in the wrong tenant. */
  #stand(next: Standing): void {
    const here = this.#standing;
    const isSameTenant = here?.organisation === next.organisation && here.app === next.app;
    if (isSameTenant && here.user === next.user) return;
    this.#standing = next;
    const tenant = [next.organisation, next.app];
    const crossesPerson = next.user !== undefined || here?.user !== undefined;
    // Its failure shows in the statement behind it, which fails with it.
    const enter = (query: Query, values: readonly string[]): void => this.#wait(query, values, ignore, ignore);
    if (crossesPerson) enter(becomeSql, [this.#runtimeRole, ...tenant, next.user ?? ""]);
    else if (here === undefined) enter(enterSql, [this.#runtimeRole, ...tenant]);
    else enter(moveSql, tenant);
  }

  #send(query: Query): Promise<Answer> {
    return new Promise((resolve, reject) => this.#wait(query, [], resolve, reject));
  }

  /** Queues a statement; those of one turn of the event loop leave together, behind the flight under way. */
  #wait(
    query: Query,
    values: readonly SqlValue[],
    resolve: (answer: Answer) => void,
    reject: (failure: AppError) => void,
  ): void {
    const { name, text } = query;
    const fail = (cause: unknown): void => {
      const failure = toDatabaseError(cause, name);
      this.#firstFailure ??= failure;
      reject(failure);
    };
    this.#waiting.push({ name, text, values: values.map(toWireValue), resolve, reject: fail });
    if (this.#isBusy) return;
    this.#isBusy = true;
    process.nextTick(() => this.#depart());
  }

  #depart(): void {
    const passengers = this.#waiting;
    this.#waiting = [];
    this.#isBusy = passengers.length > 0;
    if (this.#isBusy) this.#client.query(new Flight(passengers, () => this.#depart()));
  }
}
