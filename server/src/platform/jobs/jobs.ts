// Background jobs, on pg-boss in our own database. A job is queued in the transaction of the change that asks for it, so it
// exists if and only if that commits; it is run at least once, by any process that works, and taken over when that process
// dies. pg-boss signs in as the service role and steps into a role that can touch the jobs and nothing else.

import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { JobResult, PgBoss, Job as ReceivedJob } from "pg-boss";
import type { z } from "zod";
import { AppError, kernelErrors } from "../../kernel/errors.ts";
import { type Id, type IdKind, idPrefixes, parseId } from "../../kernel/ids.ts";
import { databaseErrors } from "../db/index.ts";
import type { Logger } from "../log/log.ts";
import {
  type Job,
  type JobOptions,
  type JobTx,
  jobErrors,
  type PayloadSchema,
  type PayloadShape,
  toJob,
} from "./define-job.ts";
import { insertJob } from "./store.ts";

/** The notices by which a queued job wakes its workers; the payload is the job's name. */
export const jobsChannel = "parley_jobs";

export interface JobsOptions {
  /** As the service role. */
  readonly connection: pg.ClientConfig;
  readonly log: Logger;
  /** How often to look for work nobody told of, and for workers that fell silent. Seconds. */
  readonly pollSeconds?: number;
  readonly superviseSeconds?: number;
  /** How often old jobs are deleted; an hour unless said. */
  readonly maintainSeconds?: number;
}

export interface EnqueueOptions {
  /** Not before this. */
  readonly startAfter?: Date;
  /** Of jobs with the same name and key one waits at most; one more may run meanwhile. */
  readonly singletonKey?: Id<IdKind>;
}

interface Schedule {
  readonly job: Job<unknown>;
  readonly cron: string;
  readonly payload: object;
}

const stopGraceMs = 10_000;
const stopSlackMs = 3_000;
const usual = { pollSeconds: 10, superviseSeconds: 15, maintainSeconds: 3_600 } as const;

/** Why `work` did not succeed in time; undefined when it did. */
async function within(timeoutMs: number, work: Promise<unknown>): Promise<unknown> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, new AppError(jobErrors.stuck), { signal: timer.signal }).catch(() => undefined);
  const done = work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return Promise.race([done, late]).finally(() => timer.abort());
}

export class Jobs {
  readonly #options: JobsOptions;
  readonly #jobs = new Map<string, Job<unknown>>();
  readonly #schedules: Schedule[] = [];
  /** Workers by the name of their job. */
  readonly #workers = new Map<string, readonly string[]>();
  readonly counts = { done: 0, failed: 0 };
  #boss: PgBoss | undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Declares a job. Throws `jobs.invalid` when its payload could hold anything but ids, or its name is taken. */
  defineJob<S extends PayloadShape>(options: JobOptions<S>): Job<z.output<PayloadSchema<S>>> {
    if (this.#jobs.has(options.name)) throw new AppError(kernelErrors.duplicate, { note: options.name });
    const job = toJob(options);
    this.#jobs.set(job.name, job);
    return job;
  }

  /**
   * Queues a job in this transaction. Returns its id; undefined when one with the same key waits already. Throws
   * `jobs.invalid` for a payload that is not the job's, `database.misuse` for one that names another tenant.
   */
  async enqueue<P extends object>(
    tx: JobTx,
    job: Job<P>,
    what: { readonly payload: P } & EnqueueOptions,
  ): Promise<string | undefined> {
    const { startAfter, singletonKey } = what;
    const kinds = Object.keys(idPrefixes) as IdKind[];
    if (singletonKey !== undefined && !kinds.some((kind) => parseId(kind, singletonKey) !== undefined)) {
      throw new AppError(jobErrors.invalid, { note: `${job.name}: its key is not an id` });
    }
    return insertJob(tx, { job, payload: job.parse(what.payload), startAfter, singletonKey });
  }

  /** Queues a job at every time the cron expression names, UTC, and once for all the times nobody was there. Before `start`. */
  schedule<P extends object>(job: Job<P>, cron: string, payload: P): void {
    this.#schedules.push({ job, cron, payload: job.parse(payload) });
  }

  /** Begins to work. Throws `database.unavailable` when the jobs cannot be reached. */
  async start(): Promise<void> {
    const boss = await this.#open();
    this.#boss = boss;
    try {
      await boss.start();
      for (const job of this.#jobs.values()) await this.#startWorker(boss, job);
      await this.#applySchedules(boss);
    } catch (error) {
      await this.stop();
      throw new AppError(databaseErrors.unavailable, { note: "background jobs", cause: error });
    }
  }

  /** Takes no more jobs, lets those under way finish for some seconds, and gives the rest back. */
  async stop(): Promise<void> {
    const boss = this.#boss;
    this.#boss = undefined;
    this.#workers.clear();
    if (boss === undefined) return;
    // It waits for each of its workers, and one whose connection broke at the wrong moment never answers.
    const given = await within(stopGraceMs + stopSlackMs, boss.stop({ graceful: true, timeout: stopGraceMs }));
    if (given === undefined) return;
    // Without a database nothing can be given back: whoever comes next takes the jobs over.
    this.#options.log.warn({ error: given }, "background jobs could not be given back");
    await within(stopSlackMs, boss.stop({ graceful: false }));
  }

  /** Looks for jobs of this name at once. */
  wake(name: string): void {
    for (const worker of this.#workers.get(name) ?? []) this.#boss?.notifyWorker(worker);
  }

  /** Looks for jobs of every name at once: notices may have been missed. */
  wakeAll(): void {
    for (const name of this.#workers.keys()) this.wake(name);
  }

  async #open(): Promise<PgBoss> {
    // Loaded by processes that work only.
    const { PgBoss } = await import("pg-boss");
    const { connection, log } = this.#options;
    const { pollSeconds, superviseSeconds, maintainSeconds } = { ...usual, ...this.#options };
    const boss = new PgBoss({
      ...(connection as object),
      application_name: "parley jobs",
      options: "-c role=parley_jobs -c statement_timeout=30s -c lock_timeout=10s",
      max: 2,
      schema: "pgboss",
      migrate: false,
      // SECURITY: what pg-boss could tell of a job elsewhere than in its own table, it does not.
      registerInstance: false,
      persistWarnings: false,
      openTelemetry: { enabled: false },
      // Needs the owner of the tables.
      reindex: false,
      monitorVacuum: false,
      superviseIntervalSeconds: superviseSeconds,
      monitorIntervalSeconds: superviseSeconds,
      maintenanceIntervalSeconds: maintainSeconds,
      queueCacheIntervalSeconds: 600,
      flowIntervalSeconds: 86_400,
      cronWorkerIntervalSeconds: Math.min(pollSeconds, 45),
    });
    boss.on("error", (error) => log.warn({ error }, "background jobs met an error and go on"));
    boss.on("warning", (warning) => log.warn({ warning: warning.message }, "background jobs warn"));
    return boss;
  }

  async #startWorker(boss: PgBoss, job: Job<unknown>): Promise<void> {
    await boss.createQueue(job.name, job.policy);
    await boss.updateQueue(job.name, job.policy);
    const { pollSeconds } = { ...usual, ...this.#options };
    const options = { pollingIntervalSeconds: pollSeconds, perJobResults: true } as const;
    const workers: string[] = [];
    for (let count = 0; count < job.concurrency; count += 1) {
      const run = (received: ReceivedJob[]): Promise<JobResult[]> =>
        Promise.all(received.map((one) => this.#runOne(job, one)));
      workers.push(await boss.work<object>(job.name, options, run));
    }
    this.#workers.set(job.name, workers);
  }

  /**
   * SECURITY: of a failure only its code is stored with the job. The error itself may quote what a person wrote, and goes to
   * the log, which redacts.
   */
  async #runOne(job: Job<unknown>, received: ReceivedJob): Promise<JobResult> {
    const { id, data, signal } = received;
    try {
      await job.run(data ?? {}, { jobId: id, signal });
      this.counts.done += 1;
      return { id, status: "completed" };
    } catch (error) {
      this.counts.failed += 1;
      this.#options.log.error({ error, job: job.name, jobId: id }, "a background job failed");
      return { id, status: "failed", output: { code: error instanceof AppError ? error.code : kernelErrors.bug.code } };
    } finally {
      // There may be more; a worker that was not told would rest first.
      this.wake(job.name);
    }
  }

  async #applySchedules(boss: PgBoss): Promise<void> {
    for (const { job, cron, payload } of this.#schedules) {
      await boss.schedule(job.name, cron, payload, { tz: "UTC", missed: "once" });
    }
    const wanted = new Set(this.#schedules.map(({ job }) => job.name));
    for (const { name } of await boss.getSchedules()) if (!wanted.has(name)) await boss.unschedule(name);
  }
}
