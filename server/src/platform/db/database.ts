// The pool and the three ways into a transaction. Nothing else in the product can run SQL on tenant data.

import pg from "pg";
import type { Actor } from "../../kernel/actor.ts";
import { AppError, isError } from "../../kernel/errors.ts";
import type { OrganisationId, Tenant, UserId } from "../../kernel/ids.ts";
import type { BatchTx, OrganisationTx, SqlValue, Statement, TenantTx, UserTx } from "../../kernel/tenant-tx.ts";
import { databaseErrors } from "./errors.ts";
import { Transaction, toDatabaseError } from "./transaction.ts";

/** The role that owns nothing and sees only the tenant it stands in. */
export const runtimeRole = "parley_runtime";

export interface DatabaseOptions {
  readonly connection: pg.PoolConfig;
  readonly connectionsMax: number;
  /** The benchmark alone passes another role, to measure what row-level security costs. */
  readonly role?: string;
  readonly onError: (error: Error) => void;
}

const systemActor: Actor = { kind: "system", job: "look-up" };

/** Settings of every service connection: reused plans, indexes before scans, and no statement that never ends. */
export const sessionOptions = [
  // The batch statements take arrays; planning them anew each time costs more than running them.
  "-c plan_cache_mode=force_generic_plan",
  // A generic plan made while a table is small would keep scanning it whole when it has grown.
  "-c enable_seqscan=off",
  // Every join here looks up a few rows by key; the other ways read whole indexes.
  "-c enable_hashjoin=off",
  "-c enable_mergejoin=off",
  "-c statement_timeout=15s",
  "-c lock_timeout=5s",
  "-c idle_in_transaction_session_timeout=30s",
].join(" ");

export class Database {
  readonly #pool: pg.Pool;
  readonly #role: string;
  /** Called when a connection broke during a commit, so that nobody knows whether it happened. */
  onUncertainCommit: () => void = () => undefined;

  constructor(options: DatabaseOptions) {
    this.#role = options.role ?? runtimeRole;
    this.#pool = new pg.Pool({
      application_name: "parley",
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 30_000,
      options: sessionOptions,
      ...options.connection,
      max: options.connectionsMax,
    });
    this.#pool.on("error", options.onError);
    // A connection that breaks while it is in use says so twice: to the statement under way, which is told below, and as an
    // event, which would end the process if nobody listened.
    this.#pool.on("connect", (client) => {
      client.on("error", () => undefined);
    });
  }

  /** One transaction in one app. Commits when `work` resolves, rolls back when it throws. */
  withTenant<T>(actor: Actor, tenant: Tenant, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return this.#transact(actor, (transaction) => work(transaction.enter(tenant)));
  }

  /** One transaction on an organisation's own rows. */
  withOrganisation<T>(
    actor: Actor,
    organisationId: OrganisationId,
    work: (tx: OrganisationTx) => Promise<T>,
  ): Promise<T> {
    return this.#transact(actor, (transaction) => work(transaction.enterOrganisation(organisationId)));
  }

  /** One transaction on a person's own rows. */
  withUser<T>(actor: Actor, userId: UserId, work: (tx: UserTx) => Promise<T>): Promise<T> {
    return this.#transact(actor, (transaction) => work(transaction.enterUser(userId)));
  }

  /** One transaction that enters several tenants in turn. */
  withBatch<T>(actor: Actor, work: (batch: BatchTx) => Promise<T>): Promise<T> {
    return this.#transact(actor, work);
  }

  /** A cross-tenant look-up that returns ids only. */
  lookUp<Row>(statement: Statement<Row, "system">, values: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#transact(systemActor, (transaction) => transaction.lookUp(statement, values));
  }

  /** Answers when the database does. Throws `database.unavailable`. */
  async ping(): Promise<void> {
    await this.#pool.query("select 1").catch((cause: unknown) => {
      throw toDatabaseError(cause, "ping");
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transact<T>(actor: Actor, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((cause: unknown) => {
      throw new AppError(databaseErrors.unavailable, { note: "connect", cause });
    });
    let broken: Error | undefined;
    try {
      const transaction = new Transaction(client, actor, this.#role);
      try {
        const result = await work(transaction);
        await transaction.commit().catch((error: unknown) => {
          if (isError(error, databaseErrors.unavailable)) this.onUncertainCommit();
          throw error;
        });
        return result;
      } catch (error) {
        // A connection that cannot roll back is not given to anybody else.
        await transaction.rollBack().catch((failure: Error) => {
          broken = failure;
        });
        throw error;
      }
    } finally {
      client.release(broken);
    }
  }
}
