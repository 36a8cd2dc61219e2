// The demo: an organisation with two apps that show everything a client needs. Also used while the server runs.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Core } from "../core.ts";
import { demoCallbackUrl } from "../demo-callback.ts";
import { importTree, publishTree } from "../domains/bots/index.ts";
import { assignTrees, createChannel } from "../domains/channels/index.ts";
import type { Sealer } from "../domains/keys/index.ts";
import { bumpRevision, createApp, createOrganisation } from "../domains/organisations/index.ts";
import { issueToken } from "../domains/tokens/index.ts";
import { createEndpoint } from "../domains/webhooks/index.ts";
import type { OrganisationId, Tenant } from "../kernel/ids.ts";
import { drawBytes } from "../platform/crypto/random.ts";
import type { TenantTx } from "../platform/db/index.ts";
import type { OutboundClient } from "../platform/outbound/index.ts";
import { type DemoFiles, keepDemoFiles } from "./demo-files.ts";
import { addDemoOwner, type DemoOwner } from "./demo-owner.ts";
import { addDemoWeb, type DemoWeb } from "./demo-web.ts";

const actor = { kind: "operator", command: "demo seed" } as const;
const sampleTree = new URL("../../../engine/examples/order-status.json", import.meta.url);

/** Where `parley chat` finds the demo's credentials. */
export const demoFile = "demo.json";

const botScopes = ["bot:sendResponses", "bot:redirectMemberToNode", "trace:read", "conversation:read"];

export interface DemoOptions {
  readonly webhookUrl?: string | undefined;
  readonly callbackUrl?: string | undefined;
  readonly outbound: OutboundClient;
}

interface DemoChannel {
  readonly channelId: string;
  readonly inboundUrl: string;
  readonly channelSecret: string;
}

export interface DemoApp {
  readonly appId: string;
  readonly botToken: string;
  readonly channels: {
    readonly whatsapp: DemoChannel & {
      readonly phoneNumberId: string;
      readonly appSecret: string;
      readonly verifyToken: string;
    };
    readonly custom: DemoChannel;
    readonly web: DemoWeb;
  };
  readonly tree: {
    readonly treeId: string;
    readonly headNode: string;
    readonly nodes: Readonly<Record<string, string>>;
  };
  readonly webhook?: { readonly endpointId: string; readonly url: string; readonly secret: string };
}

export interface Demo {
  readonly baseUrl: string;
  readonly organisationId: OrganisationId;
  /** Signs in at `/sign-in`. */
  readonly owner: DemoOwner;
  readonly apps: readonly DemoApp[];
}

/** How clients reach the server. */
export function toBaseUrl(config: Config): string {
  if (config.PARLEY_PUBLIC_URL !== undefined) return config.PARLEY_PUBLIC_URL;
  const scheme = config.PARLEY_TLS_CERT === undefined ? "http" : "https";
  const host = config.PARLEY_HOST.includes(":") ? `[${config.PARLEY_HOST}]` : config.PARLEY_HOST;
  return `${scheme}://${host}:${config.PARLEY_PORT}`;
}

interface Stage {
  readonly tx: TenantTx;
  readonly sealer: Sealer;
  readonly baseUrl: string;
  readonly options: DemoOptions;
  readonly files: DemoFiles;
}

async function addWhatsApp(stage: Stage, number: number): Promise<DemoApp["channels"]["whatsapp"]> {
  const phoneNumberId = `10655500000000${number}`;
  const appSecret = drawBytes(16).toString("hex");
  const verifyToken = drawBytes(16).toString("hex");
  const accessToken = `demo-${drawBytes(24).toString("base64url")}`;
  const credentials = { appSecret, verifyToken, accessToken };
  const input = { kind: "whatsapp", name: "WhatsApp", settings: { phoneNumberId }, credentials };
  const { channelId, channelSecret } = await createChannel(stage.tx, input, stage.sealer);
  const inboundUrl = `${stage.baseUrl}/channels/${channelId}/inbound`;
  return { channelId, inboundUrl, phoneNumberId, appSecret, verifyToken, channelSecret };
}

async function addCustom(stage: Stage): Promise<DemoChannel> {
  const settings = { callbackUrl: stage.options.callbackUrl ?? demoCallbackUrl };
  const input = { kind: "custom", name: "Custom", settings, credentials: {} };
  const { channelId, channelSecret } = await createChannel(stage.tx, input, stage.sealer);
  return { channelId, inboundUrl: `${stage.baseUrl}/channels/${channelId}/inbound`, channelSecret };
}

async function addWebhook(stage: Stage, channelIds: readonly `chn_${string}`[]): Promise<Pick<DemoApp, "webhook">> {
  const url = stage.options.webhookUrl;
  if (url === undefined) return {};
  const { sealer, options } = stage;
  let shown: DemoApp["webhook"];
  for (const channelId of channelIds) {
    const input = { channelId, url, events: ["inbound", "outbound", "status"] as const, headers: {} };
    const { endpointId, secret } = await createEndpoint(stage.tx, input, {
      sealer,
      outbound: options.outbound,
      ...(shown === undefined ? {} : { secret: shown.secret }),
    });
    shown ??= { endpointId, url, secret };
  }
  return shown === undefined ? {} : { webhook: shown };
}

async function addApp(core: Core, stage: Stage, number: number): Promise<DemoApp> {
  const { tx } = stage;
  const whatsapp = await addWhatsApp(stage, number);
  const custom = await addCustom(stage);
  const definition = JSON.parse(readFileSync(sampleTree, "utf8"));
  const treeId = await importTree(tx, definition);
  await publishTree(tx, treeId, "demo");
  for (const { channelId } of [whatsapp, custom]) {
    await assignTrees(tx, channelId as `chn_${string}`, { defaultTreeIds: [treeId] });
  }
  const web = await addDemoWeb(tx, stage);
  await bumpRevision(tx);
  const { token } = await issueToken(tx, { kind: "bot", name: "Demo", scopes: botScopes }, core);
  const webhook = await addWebhook(stage, [whatsapp.channelId, custom.channelId] as `chn_${string}`[]);
  const nodes = { order: "order", menu: "menu", agent: "agent" };
  const tree = { treeId, headNode: definition.headNode, nodes };
  return { appId: tx.tenant.appId, botToken: token, channels: { whatsapp, custom, web }, tree, ...webhook };
}

/** Makes the demo organisation and its two apps. */
export async function seedDemo(core: Core, options: DemoOptions): Promise<Demo> {
  const { database, provider, keychain } = core;
  const baseUrl = toBaseUrl(core.config);
  const organisationId = await createOrganisation(database, actor, "Demo organisation");
  const apps: DemoApp[] = [];
  for (const [index, name] of ["Demo shop", "Demo library"].entries()) {
    const tenant: Tenant = await createApp({ database, provider, actor }, organisationId, name);
    const sealer = await keychain.sealerFor(tenant, { actor, reason: "demo" });
    const files = await keepDemoFiles(core, { actor, tenant }, options.outbound);
    const app = await database.withTenant(actor, tenant, (tx) =>
      addApp(core, { tx, sealer, baseUrl, options, files }, index + 1),
    );
    apps.push(app);
  }
  const owner = await addDemoOwner(core, organisationId, actor);
  return { baseUrl, organisationId, owner, apps };
}

/** Keeps the demo's credentials where `parley chat` looks for them, for this user only. */
export function keepDemo(core: Core, demo: Demo): void {
  const path = join(core.config.PARLEY_DATA_DIR, demoFile);
  writeFileSync(path, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}
