// A server process with the demo, and the rights to make web channels on it as its owner would: over `/api/v1`.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { askChat, type ChatAnswer, shop, Visitor } from "./chat.ts";
import { makeDataDir } from "./data-dir.ts";
import { type Demo, type DemoApp, findPort, type RunningServer, runCommand, startServer } from "./server.ts";

const certificates = join(import.meta.dirname, "../../server/src/platform/outbound/test-certificates");
/** A server on this machine that a process of ours trusts, and may reach. */
export const tlsFiles = {
  ca: join(certificates, "ca.cert.pem"),
  cert: () => readFileSync(join(certificates, "server.cert.pem")),
  key: () => readFileSync(join(certificates, "server.key.pem")),
};

export interface WebChange {
  readonly origins?: readonly string[];
  readonly [field: string]: unknown;
}

const scopes = "channel:admin,tree:read,conversation:admin,bot:admin,audit:read,file:admin";

export class ChatHouse {
  readonly dataDir: string;
  readonly settings: Record<string, string>;
  readonly demo: Demo;
  server: RunningServer;
  #tokens = new Map<string, string>();
  #visitors: Visitor[] = [];

  constructor(parts: { dataDir: string; settings: Record<string, string>; demo: Demo; server: RunningServer }) {
    this.dataDir = parts.dataDir;
    this.settings = parts.settings;
    this.demo = parts.demo;
    this.server = parts.server;
  }

  get app(): DemoApp {
    return this.demo.apps[0] as DemoApp;
  }

  /** Calls the interface with a token of the app that may keep its channels and answer. */
  async api(method: string, path: string, body?: unknown, app: DemoApp = this.app): Promise<ChatAnswer> {
    const headers = { authorization: `Bearer ${await this.#tokenOf(app)}` };
    return askChat(`${this.server.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  }

  /** Calls the Bot API's `sendResponses` with the demo's own token. */
  callBot(body: object): Promise<ChatAnswer> {
    const headers = { authorization: `Bearer ${this.app.botToken}` };
    return askChat(`${this.server.url}/bot/v1/sendResponses`, { method: "POST", headers, body });
  }

  /** A file of the app. Returns its id. */
  async upload(name: string, bytes: Buffer): Promise<string> {
    const headers = { authorization: `Bearer ${await this.#tokenOf(this.app)}` };
    const made = await askChat(`${this.server.url}/api/v1/files?name=${name}`, { method: "POST", headers, bytes });
    if (made.status !== 201) throw new Error(`refused with ${made.status}: ${JSON.stringify(made.body)}`);
    return made.body.fileId ?? "";
  }

  /** A web channel that the shop shows, running the order-status bot. */
  async addChannel(web: WebChange = {}, app: DemoApp = this.app): Promise<string> {
    const made = await this.api(
      "POST",
      "/api/v1/channels",
      { kind: "web", name: "Web", settings: {}, credentials: {} },
      app,
    );
    const channelId = made.body.channelId ?? "";
    await this.setWeb(channelId, web, app);
    const trees = { defaultTreeIds: [app.tree.treeId] };
    await this.#assert(this.api("PATCH", `/api/v1/channels/${channelId}`, trees, app));
    return channelId;
  }

  async setWeb(channelId: string, web: WebChange, app: DemoApp = this.app): Promise<void> {
    await this.#assert(this.api("PUT", `/api/v1/channels/${channelId}/web`, { origins: [shop], ...web }, app));
  }

  visitor(channelId: string, more: { origin?: string; address?: string } = {}): Visitor {
    const visitor = new Visitor({ url: this.server.url, channelId, ...more });
    this.#visitors.push(visitor);
    return visitor;
  }

  /** Kills the server as a power cut does, and starts it again at the same address. */
  async restart(): Promise<void> {
    await this.server.kill();
    this.server = await startServer(this.settings);
  }

  /** Stops the server as its operator does, and starts it again. Returns the exit code. */
  async stopAndStart(): Promise<number> {
    const code = await this.server.stop();
    this.server = await startServer(this.settings);
    return code;
  }

  async close(): Promise<number> {
    for (const visitor of this.#visitors) visitor.leave();
    const code = await this.server.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
    return code;
  }

  async #assert(asked: Promise<ChatAnswer>): Promise<void> {
    const { status, body } = await asked;
    if (status >= 300) throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
  }

  async #tokenOf({ appId }: DemoApp): Promise<string> {
    const known = this.#tokens.get(appId);
    if (known !== undefined) return known;
    const args = ["token", "--organisation", this.demo.organisationId, "--app", appId, "--scopes", scopes];
    const made = await runCommand([...args, "--name", "Keeper", "--json"], this.settings);
    const { token } = JSON.parse(made.stdout) as { token: string };
    this.#tokens.set(appId, token);
    return token;
  }
}

/** Starts one. */
export async function openChatHouse(more: Readonly<Record<string, string>> = {}): Promise<ChatHouse> {
  const dataDir = await makeDataDir();
  const settings = {
    PARLEY_DATA_DIR: dataDir,
    PARLEY_PORT: String(await findPort()),
    PARLEY_LOG_LEVEL: "warn",
    ...more,
  };
  let server: RunningServer | undefined;
  try {
    server = await startServer(settings);
    const demo: Demo = JSON.parse((await runCommand(["demo", "seed", "--json"], settings)).stdout);
    return new ChatHouse({ dataDir, settings, demo, server });
  } catch (error) {
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
}
