// A database whose transactions do everything and keep nothing: each is rolled back at its end and its result handed out
// all the same. So thousands of requests, deletions among them, meet one and the same scene, in any order.

import type { Actor } from "../../server/src/kernel/actor.ts";
import type { OrganisationId, Tenant, UserId } from "../../server/src/kernel/ids.ts";
import type { SqlValue, Statement } from "../../server/src/kernel/tenant-tx.ts";
import {
  type BatchTx,
  Database,
  type DatabaseOptions,
  type OrganisationTx,
  type TenantTx,
  type UserTx,
} from "../../server/src/platform/db/index.ts";

/** Carries a result out of a transaction that is to be rolled back. */
class Undo<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super("undone");
    this.result = result;
  }
}

const end = async <T>(work: Promise<T>): Promise<never> => {
  throw new Undo(await work);
};

async function undo<T>(transaction: Promise<never>): Promise<T> {
  try {
    return await transaction;
  } catch (error) {
    if (error instanceof Undo) return error.result as T;
    throw error;
  }
}

export class UndoneDatabase extends Database {
  /** False: keeps what is done. */
  isUndone = true;

  constructor(options: Omit<DatabaseOptions, "onError">) {
    super({ ...options, onError: () => undefined });
  }

  override withTenant<T>(actor: Actor, tenant: Tenant, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    if (!this.isUndone) return super.withTenant(actor, tenant, work);
    return undo(super.withTenant(actor, tenant, (tx) => end(work(tx))));
  }

  override withOrganisation<T>(
    actor: Actor,
    organisationId: OrganisationId,
    work: (tx: OrganisationTx) => Promise<T>,
  ): Promise<T> {
    if (!this.isUndone) return super.withOrganisation(actor, organisationId, work);
    return undo(super.withOrganisation(actor, organisationId, (tx) => end(work(tx))));
  }

  override withUser<T>(actor: Actor, userId: UserId, work: (tx: UserTx) => Promise<T>): Promise<T> {
    if (!this.isUndone) return super.withUser(actor, userId, work);
    return undo(super.withUser(actor, userId, (tx) => end(work(tx))));
  }

  override withBatch<T>(actor: Actor, work: (batch: BatchTx) => Promise<T>): Promise<T> {
    if (!this.isUndone) return super.withBatch(actor, work);
    return undo(super.withBatch(actor, (batch) => end(work(batch))));
  }

  override lookUp<Row>(statement: Statement<Row, "system">, values: readonly SqlValue[] = []): Promise<Row[]> {
    const actor = { kind: "system", job: "look-up" } as const;
    return this.isUndone
      ? this.withBatch(actor, (batch) => batch.lookUp(statement, values))
      : super.lookUp(statement, values);
  }
}
