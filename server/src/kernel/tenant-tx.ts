// The shape of the only handle on tenant data, so that an operation can name it without knowing a database. The one
// implementation is `platform/db/transaction.ts`.

import type { Actor } from "./actor.ts";
import type { OrganisationId, Tenant, UserId } from "./ids.ts";

/**
 * `app`: $1 is the organisation, $2 the app. `organisation`: $1 is the organisation. `user`: $1 is the person. `system`:
 * a call of one reviewed function, no tenant.
 */
export type Scope = "app" | "organisation" | "user" | "system";

export interface Statement<Row, S extends Scope = Scope> {
  readonly name: string;
  readonly text: string;
  readonly scope: S;
  /** Never read: carries the row type. */
  readonly row?: Row;
}

export type SqlValue = string | number | boolean | null | Date | Buffer | readonly SqlValue[];

/** Rows of one app, inside one transaction. */
export interface TenantTx {
  readonly tenant: Tenant;
  readonly actor: Actor;
  /** Runs an app statement; $1 and $2 are bound to this tenant. */
  query<Row>(statement: Statement<Row, "app">, values?: readonly SqlValue[]): Promise<Row[]>;
  /** The organisation's own rows, in the same transaction. */
  readonly organisation: OrganisationTx;
  /** Runs `work` once the transaction has committed; never when it has not. */
  afterCommit(work: () => void): void;
}

/** Rows of one organisation, inside one transaction. */
export interface OrganisationTx {
  readonly organisationId: OrganisationId;
  readonly actor: Actor;
  query<Row>(statement: Statement<Row, "organisation">, values?: readonly SqlValue[]): Promise<Row[]>;
  /** The transaction around it, for what must happen together with rows elsewhere. */
  readonly batch: BatchTx;
  afterCommit(work: () => void): void;
}

/** Rows of one person, inside one transaction. */
export interface UserTx {
  readonly userId: UserId;
  readonly actor: Actor;
  query<Row>(statement: Statement<Row, "user">, values?: readonly SqlValue[]): Promise<Row[]>;
  /** The transaction around it, for what must happen together with rows elsewhere. */
  readonly batch: BatchTx;
  afterCommit(work: () => void): void;
}

/** One transaction that enters several tenants in turn. Each handle sees its own tenant only. */
export interface BatchTx {
  readonly actor: Actor;
  enter(tenant: Tenant): TenantTx;
  enterOrganisation(organisationId: OrganisationId): OrganisationTx;
  enterUser(userId: UserId): UserTx;
  /** A cross-tenant look-up that returns ids only. */
  lookUp<Row>(statement: Statement<Row, "system">, values?: readonly SqlValue[]): Promise<Row[]>;
  /**
   * Says that a statement is among the last: the commit is sent right behind it instead of after its answer, which saves a
   * round trip. When it fails, the commit does too.
   */
  last(statement: Promise<unknown>): void;
  afterCommit(work: () => void): void;
}
