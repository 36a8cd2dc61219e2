// Removes what has outlived its purpose. Goes through all apps, entering each in turn, once an hour; any number of processes
// may do so side by side.

import { fromUuid, type Tenant } from "../../kernel/ids.ts";
import type { Database, TenantTx } from "../../platform/db/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import { WorkLoop } from "../conversations/index.ts";
import { listAppsSql } from "./store.ts";

const hourMs = 3_600_000;
const pageSize = 200;
const actor = { kind: "system", job: "retention" } as const;

/** Removes what is too old of one app; returns how many rows that was. */
export interface RetentionTask {
  readonly name: string;
  run(tx: TenantTx): Promise<number>;
}

export interface RetentionOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly tasks: readonly RetentionTask[];
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #loop: WorkLoop;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#loop = new WorkLoop({ name: "retention", idleMs: hourMs, log: options.log, work: () => this.#work() });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** One round through all apps. Returns how many rows each task removed. */
  async runOnce(): Promise<Readonly<Record<string, number>>> {
    const removed: Record<string, number> = {};
    for (let after: string | null = null; ; ) {
      const page: { organisation_id: string; app_id: string }[] = await this.#options.database.lookUp(listAppsSql, [
        after,
        pageSize,
      ]);
      for (const row of page) await this.#runApp(row, removed);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return removed;
      after = last.app_id;
    }
  }

  async #work(): Promise<boolean> {
    const removed = await this.runOnce();
    if (Object.values(removed).some((count) => count > 0))
      this.#options.log.info({ removed }, "removed what is too old");
    return false;
  }

  async #runApp(row: { organisation_id: string; app_id: string }, removed: Record<string, number>): Promise<void> {
    const tenant: Tenant = {
      organisationId: fromUuid("organisation", row.organisation_id),
      appId: fromUuid("app", row.app_id),
    };
    for (const task of this.#options.tasks) {
      const count = await this.#options.database.withTenant(actor, tenant, (tx) => task.run(tx));
      removed[task.name] = (removed[task.name] ?? 0) + count;
    }
  }
}
