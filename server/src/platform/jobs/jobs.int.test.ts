import { spawn } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import type { ChannelId, Tenant } from "../../kernel/ids.ts";
import { newId } from "../crypto/random.ts";
import { Presence } from "../db/index.ts";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { createLog } from "../log/log.ts";
import type { Job, JobContext } from "./define-job.ts";
import { Jobs, type JobsOptions, jobsChannel } from "./jobs.ts";

const actor = { kind: "system", job: "test" } as const;
const log = createLog({ level: "silent" });
const tenant: Tenant = { organisationId: newId("organisation"), appId: newId("app") };

let db: TestDatabase;
let running: Jobs[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const jobs of running) await jobs.stop();
  running = [];
  await db.asAdmin("truncate pgboss.job, pgboss.schedule");
});
afterAll(() => db.close());

interface Payload {
  readonly channelId: ChannelId;
}

interface Stage {
  readonly jobs: Jobs;
  readonly job: Job<Payload>;
  /** The channels whose job was run. */
  readonly seen: ChannelId[];
  readonly add: (payload?: Payload) => Promise<string | undefined>;
}

/** One job whose runs are recorded; `run` may replace what it does. */
function createStage(
  options: Partial<JobsOptions> & {
    run?: (context: JobContext) => Promise<void>;
    name?: string;
    expirySeconds?: number;
  } = {},
): Stage {
  const jobs = new Jobs({ connection: db.connection, log, pollSeconds: 1, superviseSeconds: 1, ...options });
  running.push(jobs);
  const seen: ChannelId[] = [];
  const job = jobs.defineJob({
    name: options.name ?? "test.run",
    payload: z.strictObject({ channelId: idOf("channel") }),
    retry: { limit: 2, delaySeconds: 1, delaySecondsMax: 1 },
    expirySeconds: options.expirySeconds ?? 60,
    run: async ({ channelId }, context) => {
      seen.push(channelId);
      await options.run?.(context);
    },
  });
  const add = (payload: Payload = { channelId: newId("channel") }): Promise<string | undefined> =>
    db.database.withBatch(actor, (batch) => jobs.enqueue(batch, job, { payload }));
  return { jobs, job, seen, add };
}

const readJobs = (): Promise<{ data: unknown; state: string; output: unknown }[]> =>
  db.asAdmin("select data, state::text, output from pgboss.job where name like 'test.%' order by created_on");

describe("the upkeep of jobs", () => {
  it("meets nothing it may not do, in any of its rounds", async () => {
    const lines: string[] = [];
    const listening = createLog({ level: "warn", destination: { write: (line: string) => void lines.push(line) } });
    const { jobs, add, seen } = createStage({ log: listening, maintainSeconds: 1 });
    await add();
    await jobs.start();
    await vi.waitFor(() => expect(seen).toHaveLength(1), 10_000);
    const maintained = () =>
      db.asAdmin("select 1 from pgboss.queue where name = 'test.run' and maintain_on > now() - interval '3 seconds'");
    await vi.waitFor(async () => expect(await maintained()).toHaveLength(1), 10_000);
    // Three rounds more: what comes last in a round comes after the others.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(lines).toEqual([]);
  }, 40_000);
});

describe("a queued job", () => {
  it("exists if and only if its transaction commits, whichever kind of transaction it is", async () => {
    const { jobs, job } = createStage();
    const payload = { channelId: newId("channel") };
    const { database } = db;
    const kinds = [
      (end: () => void) => database.withTenant(actor, tenant, (tx) => jobs.enqueue(tx, job, { payload }).finally(end)),
      (end: () => void) =>
        database.withTenant(actor, tenant, (tx) => jobs.enqueue(tx.organisation, job, { payload }).finally(end)),
      (end: () => void) =>
        database.withOrganisation(actor, tenant.organisationId, (tx) =>
          jobs.enqueue(tx, job, { payload }).finally(end),
        ),
      (end: () => void) => database.withBatch(actor, (tx) => jobs.enqueue(tx, job, { payload }).finally(end)),
      (end: () => void) =>
        database.withBatch(actor, (tx) => jobs.enqueue(tx.enter(tenant), job, { payload }).finally(end)),
    ];
    for (const enqueue of kinds) {
      const failing = enqueue(() => {
        throw new RangeError("abort");
      });
      await expect(failing).rejects.toThrow("abort");
    }
    expect(await readJobs()).toEqual([]);
    for (const enqueue of kinds) expect(await enqueue(() => undefined)).toMatch(/^[0-9a-f-]{36}$/);
    expect(await readJobs()).toEqual(kinds.map(() => ({ data: payload, state: "created", output: null })));
  });

  it("SECURITY: of a tenant's transaction cannot name another tenant", async () => {
    const jobs = new Jobs({ connection: db.connection, log });
    const job = jobs.defineJob({
      name: "test.tenant",
      payload: z.strictObject({ organisationId: idOf("organisation"), appId: idOf("app") }),
      retry: { limit: 0, delaySeconds: 1, delaySecondsMax: 1 },
      expirySeconds: 60,
      run: async () => undefined,
    });
    const enqueue = (payload: Tenant): Promise<unknown> =>
      db.database.withTenant(actor, tenant, (tx) => jobs.enqueue(tx, job, { payload }));
    for (const payload of [
      { ...tenant, appId: newId("app") },
      { ...tenant, organisationId: newId("organisation") },
    ]) {
      await expect(enqueue(payload)).rejects.toMatchObject({ code: "database.misuse" });
    }
    expect(await readJobs()).toEqual([]);
    await enqueue(tenant);
    expect(await readJobs()).toMatchObject([{ data: tenant }]);
  });

  it("waits at most once for each key, and not before its time", async () => {
    const { jobs, job } = createStage();
    const key = newId("channel");
    const startAfter = new Date(Date.now() + 3_600_000);
    const add = (): Promise<string | undefined> =>
      db.database.withBatch(actor, (batch) =>
        jobs.enqueue(batch, job, { payload: { channelId: key }, singletonKey: key, startAfter }),
      );
    expect(await add()).toBeDefined();
    expect(await add()).toBeUndefined();
    const rows = await db.asAdmin("select singleton_key, start_after from pgboss.job where name = 'test.run'");
    expect(rows).toEqual([{ singleton_key: key, start_after: startAfter }]);
    const mistaken = db.database.withBatch(actor, (batch) =>
      jobs.enqueue(batch, job, { payload: { channelId: key }, singletonKey: "a text" as ChannelId }),
    );
    await expect(mistaken).rejects.toMatchObject({ code: "jobs.invalid" });
  });
});

describe("a job's payload", () => {
  it("SECURITY: is refused when it holds a text, and nothing is queued", async () => {
    const { add } = createStage();
    await expect(add({ channelId: "Hello, my number is 4915112345678" as ChannelId })).rejects.toMatchObject({
      code: "jobs.invalid",
    });
    expect(await readJobs()).toEqual([]);
  });

  it("SECURITY: is refused by the database itself, whoever writes", async () => {
    await createStage().add();
    const insert = "insert into pgboss.job (name, data) values ('test.run', $1)";
    const texts = ["hello there", "4915112345678", "Hello", "eve@mail.example", "x".repeat(33)];
    const payloads: unknown[] = [
      ...texts.map((text) => ({ id: text })),
      ...[{ "a key": "chn" }, { id: 1_000_000 }, { id: 1.5 }, { id: null }, { id: ["a"] }, { id: { a: "a" } }],
      ...[["hello"], "hello", { ["k".repeat(41)]: "a" }],
    ];
    for (const payload of payloads) {
      await expect(db.asAdmin(insert, [JSON.stringify(payload)]), JSON.stringify(payload)).rejects.toThrow(
        "payload_holds_ids",
      );
    }
    await db.asAdmin(insert, [JSON.stringify({ id: newId("app"), word: "first_run", count: -12, flag: true })]);
    const named =
      "insert into pgboss.queue (name, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, retention_seconds, deletion_seconds, partition, table_name) values ('Hello there', 'standard', 1, 1, true, 1, 1, 1, false, 'job_common')";
    await expect(db.asAdmin(named)).rejects.toThrow("name_is_a_word");
    const keyed = "insert into pgboss.job (name, singleton_key) values ('test.run', 'Hello there')";
    await expect(db.asAdmin(keyed)).rejects.toThrow("key_is_an_id");
    const schedule =
      "insert into pgboss.schedule (name, cron, data) values ('test.run', '* * * * *', '{\"a\": \"Hi you\"}')";
    await expect(db.asAdmin(schedule)).rejects.toThrow("payload_holds_ids");
  });
});

describe("the roles", () => {
  it.each([
    ["parley_runtime", "select * from pgboss.job"],
    ["parley_runtime", "insert into pgboss.job (name) values ('test.run')"],
    ["parley_runtime", "select pgboss.create_queue('test.x', '{}')"],
    ["parley_jobs", "select * from members"],
    ["parley_jobs", "select * from apps"],
    ["parley_jobs", "select * from parley_list_apps(null, 1)"],
    ["parley_jobs", "create table pgboss.own (a int)"],
    ["parley_jobs", "drop table pgboss.job"],
    ["parley_jobs", "set role parley_lookup"],
    ["parley_service", "select * from pgboss.job"],
    ["parley_service", "select * from parley_enqueue_job('a', '{}', '{}', null, null)"],
  ])("SECURITY: %s may not: %s", async (role, sql) => {
    const client = new pg.Client(db.connection);
    await client.connect();
    await client.query("begin");
    if (role !== "parley_service") await client.query(`set local role ${role}`);
    await expect(client.query(sql)).rejects.toThrow(/permission denied|must be owner/);
    await client.end();
  });
});

describe("a working process", () => {
  it("runs what was queued before any process worked, once", async () => {
    const { jobs, seen, add } = createStage();
    const channelIds = Array.from({ length: 20 }, () => newId("channel"));
    for (const channelId of channelIds) await add({ channelId });
    await jobs.start();
    await vi.waitFor(() => expect(jobs.counts.done).toBe(20), 10_000);
    expect(seen.toSorted()).toEqual(channelIds.toSorted());
  });

  it("is woken by the commit, long before it would look by itself", async () => {
    const { jobs, seen, add } = createStage({ pollSeconds: 300 });
    const noop = (): void => undefined;
    const presence = new Presence({
      ...{ connection: db.connection, lockClass: 1, channels: [jobsChannel], onReconnect: noop, log },
      onNotice: (_channel, name) => jobs.wake(name),
    });
    await presence.start();
    await jobs.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await add();
    await vi.waitFor(() => expect(seen.length).toBe(1), 3_000);
    await presence.stop();
  });

  it("holds two connections at most", async () => {
    const { jobs, add } = createStage();
    await jobs.start();
    await Promise.all(Array.from({ length: 10 }, () => add()));
    await vi.waitFor(() => expect(jobs.counts.done).toBe(10), 10_000);
    const rows = await db.asAdmin(
      "select 1 from pg_stat_activity where application_name = 'parley jobs' and datname = current_database()",
    );
    expect(rows.length).toBeLessThanOrEqual(2);
  });

  it("SECURITY: tries a job that fails again, and keeps of the failure its code alone", async () => {
    const marker = "what a person wrote";
    const { jobs, seen, add } = createStage({ run: () => Promise.reject(new RangeError(marker)) });
    await add();
    await jobs.start();
    await vi.waitFor(() => expect(jobs.counts.failed).toBe(3), 15_000);
    await vi.waitFor(async () =>
      expect(await readJobs()).toMatchObject([{ state: "failed", output: { code: "kernel.bug" } }]),
    );
    expect(seen.length).toBe(3);
    const everything = await db.asAdmin("select j::text from pgboss.job j");
    expect(JSON.stringify(everything)).not.toContain(marker);
  });

  it("tells a job that outran its time, and tries it again", async () => {
    const outran: boolean[] = [];
    const run = async ({ signal }: JobContext): Promise<void> => {
      if (outran.length > 0) return;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      outran.push(signal.aborted);
    };
    const { jobs, seen, add } = createStage({ run, expirySeconds: 1, name: "test.expiry" });
    await add();
    await jobs.start();
    await vi.waitFor(() => expect(seen.length).toBe(2), 15_000);
    expect(outran).toEqual([true]);
    await vi.waitFor(async () => expect(await readJobs()).toMatchObject([{ state: "completed" }]), 5_000);
  }, 30_000);

  it("lets a job that runs finish before it stops", async () => {
    const gate = Promise.withResolvers<void>();
    const { jobs, seen, add } = createStage({ run: () => gate.promise });
    await add();
    await jobs.start();
    await vi.waitFor(() => expect(seen.length).toBe(1), 5_000);
    const stopping = jobs.stop();
    setTimeout(() => gate.resolve(), 200);
    await stopping;
    expect(await readJobs()).toMatchObject([{ state: "completed" }]);
  });

  it("queues once what a schedule would have queued while nobody was there", async () => {
    const { jobs, job, seen } = createStage();
    const payload = { channelId: newId("channel") };
    jobs.schedule(job, "* * * * *", payload);
    await jobs.start();
    await jobs.stop();
    await db.asAdmin("truncate pgboss.job");
    const before = seen.length;
    await db.asAdmin("update pgboss.version set cron_on = now() - interval '1 hour'");
    await db.asAdmin("update pgboss.schedule set created_on = now() - interval '1 day'");
    await jobs.start();
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(before), 15_000);
    expect(seen.every((channelId) => channelId === payload.channelId)).toBe(true);
    // The missed hour is one job; the minute that is due now may be another.
    expect(seen.length - before).toBeLessThanOrEqual(2);
  }, 60_000);

  it("takes over the job of a process that was killed", async () => {
    const script = join(import.meta.dirname, "testing", "hanging-worker.ts");
    const { jobs, seen, add } = createStage({ name: "test.take-over" });
    const channelId = newId("channel");
    await add({ channelId });
    const child = spawn(process.execPath, [script, JSON.stringify(db.connection)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const taken = await new Promise<string>((resolve) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    expect(taken).toBe(channelId);
    const dead = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await dead;
    await jobs.start();
    await vi.waitFor(() => expect(seen).toEqual([channelId]), { timeout: 40_000, interval: 200 });
    await vi.waitFor(async () => expect(await readJobs()).toMatchObject([{ state: "completed" }]));
  }, 60_000);
});
