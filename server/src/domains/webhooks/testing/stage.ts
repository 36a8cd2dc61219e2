// A stage for tests of webhooks: the conversation scene, a receiver that the test holds in its hand, and the real guarded
// client, which may reach that receiver and nothing else.

import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { systemClock } from "../../../kernel/clock.ts";
import type { EndpointId, Tenant } from "../../../kernel/ids.ts";
import type { Operation } from "../../../kernel/operation.ts";
import { newId } from "../../../platform/crypto/random.ts";
import { Presence } from "../../../platform/db/index.ts";
import { createLog } from "../../../platform/log/log.ts";
import { type Peer, startPeer } from "../../../platform/outbound/hostile-network.ts";
import { createOutboundClient, type OutboundClient } from "../../../platform/outbound/index.ts";
import { lockClasses } from "../../conversations/index.ts";
import { createScene, type Scene, type SceneApp } from "../../conversations/testing/scene.ts";
import { type CreatedEndpoint, createEndpoint, type EndpointInput } from "../create-endpoint.ts";
import { createWebhookOperations } from "../operations/index.ts";
import { Webhooks, type WebhooksOptions } from "../webhooks.ts";

export const operator = { kind: "operator", command: "test" } as const;

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What arrived, and what is answered: 200 unless the test says otherwise. */
export interface Receiver extends Peer {
  readonly url: string;
  readonly received: Received[];
  answer: (request: Received, response: ServerResponse) => void;
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const peer = await startPeer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const arrived = {
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      received.push(arrived);
      receiver.answer(arrived, response);
    });
  });
  const url = `http://127.0.0.1:${peer.port}/hook`;
  const receiver: Receiver = { ...peer, url, received, answer: (_request, response) => response.end("thanks") };
  return receiver;
}

export interface Stage {
  readonly scene: Scene;
  readonly outbound: OutboundClient;
  startReceiver(): Promise<Receiver>;
  /** An endpoint of the app's channel for all events, unless `input` says otherwise. */
  addEndpoint(app: SceneApp, url: string, input?: Partial<EndpointInput>): Promise<CreatedEndpoint>;
  /** Webhooks with their own presence, started. Stops with the stage. */
  startWebhooks(options?: Partial<WebhooksOptions>): Promise<Webhooks>;
  /** Runs an operation as the API would, in a transaction of `tenant`. */
  run(tenant: Tenant, name: string, input?: object): Promise<unknown>;
  /** The rows of an endpoint's deliveries, oldest first. */
  listRows(endpointId: EndpointId): Promise<DeliveryRow[]>;
  /** Makes every delivery due, as if its time had come. */
  skipTime(): Promise<void>;
  close(): Promise<void>;
}

export interface DeliveryRow {
  readonly delivery_id: string;
  readonly state: string;
  readonly attempts: number;
  readonly lease_owner: number | null;
  readonly waits_seconds: number;
}

/** Sets the stage. */
export async function createStage(): Promise<Stage> {
  const scene = await createScene();
  const { db, keychain, directory } = scene;
  const clock = systemClock;
  const allowed: { host: string; port: number }[] = [];
  const closes: (() => Promise<void>)[] = [];
  const log = createLog({ level: "fatal" });
  let outbound: OutboundClient | undefined;
  const client: OutboundClient = {
    request: (request) => getClient().request(request),
    assertAllowedUrl: (url) => getClient().assertAllowedUrl(url),
    close: async () => outbound?.close(),
  };
  const getClient = (): OutboundClient => {
    outbound ??= createOutboundClient({ allow: allowed, clock });
    return outbound;
  };
  const operations = createWebhookOperations({ keychain, outbound: client, clock });

  return {
    scene,
    outbound: client,
    async startReceiver() {
      const receiver = await startReceiver();
      allowed.push({ host: "127.0.0.1", port: receiver.port });
      closes.push(receiver.close);
      await outbound?.close();
      outbound = undefined;
      return receiver;
    },
    async addEndpoint(app, url, input = {}) {
      const sealer = await keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
      const events = ["inbound", "outbound", "status"] as const;
      const endpoint = { channelId: app.channelId, url, events, headers: {}, ...input };
      return db.database.withTenant(operator, app.tenant, (tx) =>
        createEndpoint(tx, endpoint, { sealer, outbound: client }),
      );
    },
    async startWebhooks(options = {}) {
      const noop = (): void => undefined;
      const lockClass = lockClasses.process;
      const { connection } = db;
      const presence = new Presence({ connection, lockClass, channels: [], onNotice: noop, onReconnect: noop, log });
      await presence.start();
      const shared = {
        database: db.database,
        keychain,
        directory,
        outbound: client,
        clock,
        log,
        presence,
        works: true,
      };
      const webhooks = new Webhooks({ ...shared, ...options });
      webhooks.start();
      closes.unshift(async () => {
        await webhooks.stop();
        await presence.stop();
      });
      return webhooks;
    },
    run: (tenant, name, input = {}) =>
      db.database.withTenant(operator, tenant, async (tx) => {
        const found = operations.find((one) => one.name === name) as Operation;
        const actor = { kind: "token", tokenId: newId("token"), ...tenant, scopes: [] } as const;
        const origin = { address: "127.0.0.1", userAgent: "", deviceToken: undefined };
        return found.run({ tx, actor, input, requestId: "test", origin, bytes: Buffer.alloc(0) });
      }),
    listRows: (endpointId) =>
      db.asAdmin<DeliveryRow>(
        `select delivery_id, state, attempts, lease_owner, extract(epoch from due_at - clock_timestamp())::float as waits_seconds
         from webhook_deliveries where endpoint_id = $1 order by delivery_id`,
        [endpointId.slice(4)],
      ),
    skipTime: async () => {
      await db.asAdmin("update webhook_deliveries set due_at = now() where state = 'pending' and lease_owner is null");
    },
    async close() {
      await Promise.all(closes.splice(0, closes.length).map((close) => close()));
      await client.close();
      await scene.close();
    },
  };
}
