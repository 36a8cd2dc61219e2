// The composition root: builds the product from its parts, in order, and takes it down again in the opposite order. The
// only file that knows every domain.

import { readFileSync } from "node:fs";
import { createLiveOperations, createMetricsRegistry, LiveHub } from "./api/index.ts";
import { type Chat, createChat, visitorNotices } from "./chat.ts";
import { type Config, configErrors } from "./config.ts";
import type { Core } from "./core.ts";
import { ProgramLibrary, treeOperations } from "./domains/bots/index.ts";
import { ChannelDirectory, createChannelOperations } from "./domains/channels/index.ts";
import {
  answerHandshake,
  createConversationOperations,
  lockClasses,
  Pipeline,
  receiveInbound,
  TypingBoard,
  WorkLoop,
} from "./domains/conversations/index.ts";
import { listLiveSessions } from "./domains/identity/index.ts";
import { LetterSender } from "./domains/letters/index.ts";
import { createWebhookOperations, Webhooks } from "./domains/webhooks/index.ts";
import type { Clock } from "./kernel/clock.ts";
import { AppError } from "./kernel/errors.ts";
import { fromUuid } from "./kernel/ids.ts";
import type { Operation } from "./kernel/operation.ts";
import { openOutbound } from "./open-outbound.ts";
import { createPeople, listPeopleOperations, type People } from "./people.ts";
import { databaseErrors, Presence } from "./platform/db/index.ts";
import {
  acceptRawBodies,
  createHttpServer,
  type HttpServer,
  RequestMetrics,
  registerRawRoute,
  type Surface,
  type TlsMaterial,
} from "./platform/http/index.ts";
import { Jobs, jobsChannel } from "./platform/jobs/index.ts";
import { createMailer } from "./platform/mail/index.ts";
import { addFigures } from "./platform/metrics/metrics.ts";
import type { OutboundClient } from "./platform/outbound/index.ts";
import { createHealthSurface, createPeopleSurfaces, type ForgeryParts } from "./surfaces.ts";
import { declareUpkeep } from "./upkeep.ts";

const inboundBytesMax = 3 * 1024 * 1024;
/** Letters are looked for this often, besides when one was written here. */
const letterPollMs = 2_000;

/** What a process does besides answering. */
export interface Parts extends ForgeryParts {
  /** Processes and sends. False in a process that only takes requests. */
  readonly works: boolean;
  /** The benchmark alone leaves traces out, to measure what they cost. */
  readonly keepsTraces?: boolean;
  /** Lets the demo's custom channel reach `parley chat` on this machine. */
  readonly isDemo?: boolean;
}

export interface Product {
  readonly core: Core;
  readonly pipeline: Pipeline;
  readonly webhooks: Webhooks;
  readonly jobs: Jobs;
  readonly outbound: OutboundClient;
  readonly operations: readonly Operation[];
  readonly server: HttpServer;
  /** Begins to work, and to serve when told where. Returns where it serves. */
  start(at?: { host: string; port: number }): Promise<{ host: string; port: number } | undefined>;
  stop(): Promise<void>;
}

function readTls(config: Config): { tls: TlsMaterial } | Record<string, never> {
  const { PARLEY_TLS_CERT: certificate, PARLEY_TLS_KEY: key } = config;
  if (certificate === undefined || key === undefined) return {};
  const read = (name: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (cause) {
      const mistakes = [{ path: name, message: `cannot read the file ${path}` }];
      throw new AppError(configErrors.invalid, { mistakes, cause });
    }
  };
  return { tls: { certificate: read("PARLEY_TLS_CERT", certificate), key: read("PARLEY_TLS_KEY", key) } };
}

function createChannelSurface(options: Parameters<typeof receiveInbound>[0]): Surface {
  return {
    name: "channel",
    register(scope) {
      acceptRawBodies(scope);
      const path = "/channels/{channelId}/inbound" as const;
      registerRawRoute(scope, {
        method: "POST",
        path,
        bodyBytesMax: inboundBytesMax,
        handle: (request) => receiveInbound(options, request),
      });
      registerRawRoute(scope, { method: "GET", path, handle: (request) => answerHandshake(options, request) });
    },
  };
}

/** What operations work with. */
export interface OperationDeps {
  readonly keychain: Core["keychain"];
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly outbound: OutboundClient;
  readonly live: LiveHub;
  readonly people: People;
  readonly chat: Chat;
  readonly typing: TypingBoard;
}

/** Every operation of the product: what the interface offers and its reference describes. */
export function listOperations(deps: OperationDeps): readonly Operation[] {
  return [
    ...createChannelOperations(deps),
    ...treeOperations,
    ...createConversationOperations({ ...deps, installation: deps.people.organisations.installation }),
    ...createWebhookOperations(deps),
    ...createLiveOperations(deps.live),
    ...listPeopleOperations(deps.people),
    ...deps.chat.listOperations(deps.pipeline),
  ];
}

/** What this process keeps copies of, and what it wakes when told. */
interface Caches {
  readonly directory: ChannelDirectory;
  readonly jobs: Jobs;
  /** Set as soon as it is there: it needs the presence itself. */
  webhooks?: Webhooks;
  chat?: Chat;
}

/** The connection that says this process lives, and hears what others changed. */
function createPresence({ opened, log }: Core, caches: Caches): Presence {
  const { directory, jobs } = caches;
  return new Presence({
    connection: opened.connection,
    lockClass: lockClasses.process,
    revive: () => opened.revive(),
    channels: ["parley_configuration", jobsChannel, visitorNotices],
    onNotice: (channel, app) => {
      if (channel === jobsChannel) return jobs.wake(app);
      if (channel === visitorNotices) return caches.chat?.streams.hear(app);
      const appId = fromUuid("app", app);
      directory.forget(appId);
      caches.webhooks?.forget(appId);
    },
    onReconnect: () => {
      directory.forgetAll();
      caches.webhooks?.forgetAll();
      jobs.wakeAll();
      caches.chat?.streams.hearAll();
    },
    log,
  });
}

/** Sends letters that wait: by the configured server, or into the outbox. */
function createLetterLoop({ config, log, clock, database, installation }: Core): WorkLoop {
  const { PARLEY_SMTP_URL: server, PARLEY_MAIL_FROM: from, PARLEY_DATA_DIR: dataDir } = config;
  const mailer = createMailer({ server, from, dataDir, clock });
  const sender = new LetterSender({ database, installation, mailer, log });
  return new WorkLoop({ name: "letters", idleMs: letterPollMs, log, work: () => sender.sendDue() });
}

function createServer({ config, log }: Core, metrics: RequestMetrics): HttpServer {
  return createHttpServer({
    trustedProxies: config.PARLEY_TRUSTED_PROXIES,
    isBehindHttps: config.PARLEY_TRUSTED_PROXIES.length > 0,
    ...{ log, metrics },
    ...readTls(config),
  });
}

/** Builds the product on an opened core. Nothing runs before `start`. */
export async function compose(core: Core, parts: Parts): Promise<Product> {
  const { config, log, clock, database, keychain, opened } = core;
  // First what can fail for a mistaken setting, while nothing is open that would have to be closed.
  const metrics = createMetricsRegistry();
  const server = createServer(core, new RequestMetrics(metrics));
  const outbound = openOutbound(config, { clock, isDemo: parts.isDemo });
  const directory = new ChannelDirectory({ database, keychain, clock });
  const jobs = new Jobs({ connection: opened.connection, log });
  const caches: Caches = { directory, jobs };
  const presence = createPresence(core, caches);
  await presence.start();
  database.onUncertainCommit = () => presence.renew();
  const shared = { database, keychain, directory, outbound, clock, log, presence };
  const webhooks = new Webhooks({ ...shared, works: parts.works });
  caches.webhooks = webhooks;
  const typing = new TypingBoard(clock);
  const chat = createChat(core, { directory, outbound, jobs, typing });
  caches.chat = chat;
  const pipeline = new Pipeline({
    ...shared,
    ...parts,
    library: new ProgramLibrary(),
    publish: async (tx, events, sealer) => {
      await Promise.all([webhooks.publish(tx, events, sealer), chat.publish(tx, events, sealer)]);
    },
    apiUrls: { whatsapp: config.PARLEY_WHATSAPP_API_URL },
  });
  const live = new LiveHub({ listLive: (sessionIds) => listLiveSessions(database, sessionIds), log });
  const letters = createLetterLoop(core);
  const people = createPeople(core, outbound);
  const operations = listOperations({ keychain, clock, pipeline, outbound, live, people, chat, typing });
  declareUpkeep({ database, jobs, people, log });
  addFigures(metrics, toFigures(pipeline, jobs));
  server.mount(createChannelSurface({ directory, clock, accept: (arrival) => pipeline.accept(arrival) }));
  for (const surface of createPeopleSurfaces(core, operations, { ...parts, chat })) server.mount(surface);
  const checks = { database: () => database.ping(), presence: () => assertPresent(presence) };
  server.mount(createHealthSurface(core, { registry: metrics, checks, isDraining: () => server.isDraining }));
  await server.ready().catch(async (error: unknown) => {
    await presence.stop();
    throw error;
  });
  return {
    ...{ core, pipeline, webhooks, jobs, outbound, operations, server },
    async start(at) {
      pipeline.start();
      webhooks.start();
      if (parts.works) {
        await jobs.start();
        letters.start();
      }
      return at === undefined ? undefined : server.listen(at);
    },
    async stop() {
      live.close();
      chat.streams.close();
      await server.close();
      await jobs.stop();
      await people.close();
      await letters.stop();
      await pipeline.stop();
      await webhooks.stop();
      await outbound.close();
      await presence.stop();
    },
  };
}

async function assertPresent(presence: Presence): Promise<void> {
  if (!presence.isHeld) throw new AppError(databaseErrors.unavailable, { note: "presence" });
}

function toFigures(pipeline: Pipeline, jobs: Jobs): Parameters<typeof addFigures>[1] {
  const { counts } = pipeline;
  return {
    parley_events_received: { help: "Events taken in since the start.", read: () => counts.received },
    parley_events_processed: { help: "Events processed since the start.", read: () => counts.processed },
    parley_messages_sent: { help: "Messages a platform took since the start.", read: () => counts.sent },
    parley_messages_failed: { help: "Messages given up or refused since the start.", read: () => counts.failed },
    parley_messages_retried: { help: "Tries that will be repeated, since the start.", read: () => counts.retried },
    parley_messages_held: { help: "Messages in memory on their way out.", read: () => pipeline.held },
    parley_jobs_done: { help: "Background jobs done since the start.", read: () => jobs.counts.done },
    parley_jobs_failed: {
      help: "Tries of background jobs that failed, since the start.",
      read: () => jobs.counts.failed,
    },
  };
}
