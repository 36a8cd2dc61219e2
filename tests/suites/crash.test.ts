// Never lost, never twice: the server, and then its database, are killed at random moments under load. Every acknowledged
// message is processed exactly once and answered at least once, always with the same reference, in order for each member; and
// the webhook endpoint is told of it and of its answer at least once, always under the same id.

import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawFraction } from "../../server/src/platform/crypto/random.ts";
import { makeDataDir } from "../support/data-dir.ts";
import { queryStored } from "../support/database.ts";
import { type Receiver, startReceiver } from "../support/platform.ts";
import {
  type Demo,
  type DemoApp,
  findPort,
  type RunningServer,
  readPostmasterPid,
  runCommand,
  startServer,
} from "../support/server.ts";
import { sized } from "../support/size.ts";
import { postText } from "../support/whatsapp.ts";

const members = 8;

/** Load that repeats each message until it is acknowledged, as WhatsApp does; each member waits for the last one's answer. */
class Load {
  readonly acknowledged: { member: string; order: number }[] = [];
  #isRunning = true;
  #workers: Promise<void>[] = [];
  readonly #app: DemoApp;
  readonly #baseUrl: () => string;

  constructor(app: DemoApp, baseUrl: () => string) {
    this.#app = app;
    this.#baseUrl = baseUrl;
  }

  start(): void {
    this.#workers = Array.from({ length: members }, (_, index) => this.#run(`49000000000${index}`));
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.#workers);
  }

  async #run(member: string): Promise<void> {
    for (let order = 1; this.#isRunning; order += 1) {
      const message = { id: `wamid.${member}.${order}`, from: member, text: `order ${order}` };
      while ((await postText(this.#app, message, this.#baseUrl())) !== 200) await sleep(20);
      this.acknowledged.push({ member, order });
    }
  }
}

interface Sent {
  readonly member: string;
  readonly order: number;
  readonly reference: string;
}

function readSent(receiver: Receiver): Sent[] {
  return receiver.calls.map((call) => {
    const body = JSON.parse(call.body) as { to: string; text: { body: string }; biz_opaque_callback_data: string };
    const order = Number(/^Order (\d+) received$/.exec(body.text.body)?.[1]);
    return { member: body.to, order, reference: body.biz_opaque_callback_data };
  });
}

interface Told {
  readonly webhookId: string;
  readonly eventType: string;
  /** The platform's id of an inbound message, ours of an outbound one. */
  readonly about: string;
}

/** What the webhook endpoint was told of an app. */
function readTold(hooks: Receiver, app: DemoApp): Told[] {
  return hooks.calls.flatMap((call) => {
    const body = JSON.parse(call.body) as {
      app: string;
      eventType: string;
      messageId: string;
      meta: { messageId?: string };
    };
    if (body.app !== app.appId) return [];
    const about = body.eventType === "INBOUND" ? body.messageId : (body.meta.messageId ?? "");
    return [{ webhookId: String(call.headers["webhook-id"]), eventType: body.eventType, about }];
  });
}

/** Acknowledged messages and answers that were sent, of which the endpoint heard nothing; and what it heard under two ids. */
function judgeTold(
  load: Load,
  seen: { receiver: Receiver; hooks: Receiver; app: DemoApp },
): { untold: number; renamed: number; told: number; retold: number } {
  const told = readTold(seen.hooks, seen.app);
  const byEvent = Map.groupBy(told, (one) => `${one.eventType} ${one.about}`);
  const wanted = new Set([
    ...load.acknowledged.map((one) => `INBOUND wamid.${one.member}.${one.order}`),
    ...readSent(seen.receiver).map((one) => `OUTBOUND ${one.reference}`),
  ]);
  const untold = [...wanted].filter((event) => !byEvent.has(event)).length;
  const renamed = [...byEvent.values()].filter((group) => new Set(group.map((one) => one.webhookId)).size > 1).length;
  return { untold, renamed, told: byEvent.size, retold: told.length - byEvent.size };
}

function judge(load: Load, receiver: Receiver): { lost: number; twice: number; disordered: number; repeats: number } {
  const sent = readSent(receiver);
  const references = Map.groupBy(sent, (one) => `${one.member}/${one.order}`);
  const lost = load.acknowledged.filter((one) => !references.has(`${one.member}/${one.order}`)).length;
  // Processed twice would mean two messages, and so two references, for one order.
  const twice = [...references.values()].filter((group) => new Set(group.map((one) => one.reference)).size > 1).length;
  let disordered = 0;
  for (const group of Map.groupBy(sent, (one) => one.member).values()) {
    const firsts = [...new Set(group.map((one) => one.order))];
    disordered += firsts.filter((order, index) => index > 0 && order < (firsts[index - 1] ?? 0)).length;
  }
  return { lost, twice, disordered, repeats: sent.length - references.size };
}

describe("kill -9 under load", () => {
  let dataDir: string;
  let receiver: Receiver;
  let hooks: Receiver;
  let settings: Record<string, string>;
  let demo: Demo;
  let server: RunningServer;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    receiver = await startReceiver();
    hooks = await startReceiver();
    settings = {
      PARLEY_DATA_DIR: dataDir,
      PARLEY_PORT: String(await findPort()),
      PARLEY_LOG_LEVEL: "error",
      PARLEY_WHATSAPP_API_URL: receiver.url,
      PARLEY_OUTBOUND_ALLOW: `${receiver.host},${hooks.host}`,
    };
    server = await startServer(settings);
    const seeded = await runCommand(["demo", "seed", "--json", "--webhook-url", `${hooks.url}/hook`], settings);
    demo = JSON.parse(seeded.stdout);
  }, 60_000);

  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    await receiver.close();
    await hooks.close();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  async function runLoad(
    app: DemoApp,
    disturb: () => Promise<void>,
  ): Promise<ReturnType<typeof judge> & ReturnType<typeof judgeTold> & { acknowledged: number }> {
    receiver.calls.length = 0;
    hooks.calls.length = 0;
    const load = new Load(app, () => server.url);
    load.start();
    await disturb();
    await sleep(300);
    await load.stop();
    const judgeAll = (): ReturnType<typeof judge> & ReturnType<typeof judgeTold> => ({
      ...judge(load, receiver),
      ...judgeTold(load, { receiver, hooks, app }),
    });
    for (let tries = 0; tries < 60; tries += 1) {
      const { lost, untold } = judgeAll();
      if (lost + untold === 0) break;
      await sleep(500);
    }
    await sleep(500);
    const verdict = { ...judgeAll(), acknowledged: load.acknowledged.length };
    if (verdict.lost + verdict.untold > 0) await describeStuck(dataDir, server);
    return verdict;
  }

  const serverKills = sized(200, 5);
  it(
    `the server killed ${serverKills} times: nothing lost, nothing twice, order kept, webhooks told`,
    async () => {
      const [app] = demo.apps;
      if (app === undefined) throw new Error("no app");
      const verdict = await runLoad(app, async () => {
        for (let kill = 0; kill < serverKills; kill += 1) {
          await sleep(50 + drawFraction() * 450);
          await server.kill();
          server = await startServer(settings);
        }
      });
      process.stdout.write(`server killed ${serverKills} times: ${JSON.stringify(verdict)}\n`);
      expect(verdict).toMatchObject({ lost: 0, twice: 0, disordered: 0, untold: 0, renamed: 0 });
      expect(verdict.acknowledged).toBeGreaterThan(serverKills);
      expect(verdict.told).toBeGreaterThanOrEqual(verdict.acknowledged * 2);
    },
    serverKills * 6_000 + 60_000,
  );

  const databaseKills = sized(20, 2);
  it(
    `the database killed ${databaseKills} times: nothing lost, nothing twice, order kept, webhooks told`,
    async () => {
      const app = demo.apps[1];
      if (app === undefined) throw new Error("no app");
      const verdict = await runLoad(app, async () => {
        for (let kill = 0; kill < databaseKills; kill += 1) {
          await sleep(300 + drawFraction() * 700);
          process.kill(readPostmasterPid(dataDir), "SIGKILL");
          await waitUntilReady(server);
        }
      });
      process.stdout.write(`database killed ${databaseKills} times: ${JSON.stringify(verdict)}\n`);
      expect(verdict).toMatchObject({ lost: 0, twice: 0, disordered: 0, untold: 0, renamed: 0 });
      expect(verdict.acknowledged).toBeGreaterThan(databaseKills);
    },
    databaseKills * 30_000 + 60_000,
  );
});

/** What is still in the queues, for whoever has to find out why. */
async function describeStuck(dataDir: string, server: RunningServer): Promise<void> {
  const events = await queryStored(dataDir, "select kind, attempts, count(*) from inbound_events group by 1, 2");
  const outbox = await queryStored(
    dataDir,
    "select lease_owner, attempts, count(*), min(due_at - now())::text as due, min(lease_until - now())::text as leased from outbox group by 1, 2",
  );
  const deliveries = await queryStored(
    dataDir,
    "select lease_owner, attempts, event, count(*), min(due_at - now())::text as due from webhook_deliveries where state = 'pending' group by 1, 2, 3",
  );
  const locks = await queryStored(dataDir, "select classid, objid from pg_locks where locktype = 'advisory'");
  process.stdout.write(`${JSON.stringify({ events, outbox, deliveries, locks })}\n${server.output().slice(-2_000)}\n`);
}

async function waitUntilReady(server: RunningServer): Promise<void> {
  // The death itself takes a moment to be noticed.
  await sleep(200);
  for (let tries = 0; tries < 300; tries += 1) {
    const response = await fetch(`${server.url}/health/ready`).catch(() => undefined);
    if (response?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`the server did not recover: ${server.output().slice(-3000)}`);
}
