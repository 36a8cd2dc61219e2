// The floor: the least a server can do for a message and still keep it. Bare `node:http` that reads the body, checks the
// HMAC in constant time, parses, does BEGIN, two INSERTs, COMMIT, answers 200 and posts the reply. With a webhook address
// it also makes one signed post for each message in and out. No validation, tenancy, encryption, order, retry or trace.
// It takes the flags of the product's start and prints the same line when it is ready; SIGTERM ends it.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { openFloorDatabase, storeMessage } from "./floor-database.ts";
import type { Bearer } from "./traffic.ts";

const { values: options } = parseArgs({
  options: {
    apps: { type: "string", default: "1" },
    "platform-url": { type: "string", default: "" },
    "webhook-url": { type: "string" },
    "data-dir": { type: "string", default: "" },
  },
});

const database = await openFloorDatabase(options["data-dir"]);
const platform = new URL(options["platform-url"]);
const peers = new Pool(platform.origin, { connections: 64, pipelining: 1 });
const webhookPath = options["webhook-url"] === undefined ? undefined : new URL(options["webhook-url"]).pathname;
const apps = new Map<string, Bearer>();

interface IncomingText {
  readonly from: string;
  readonly id: string;
  readonly text: { readonly body: string };
}

interface Incoming {
  readonly entry: readonly [
    { readonly changes: readonly [{ readonly value: { readonly messages: readonly [IncomingText] } }] },
  ];
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

function isSigned(app: Bearer, body: Buffer, header: string | string[] | undefined): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", app.appSecret).update(body).digest("hex")}`);
  const given = Buffer.from(typeof header === "string" ? header : "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function post(path: string, body: string, headers: Record<string, string>): Promise<void> {
  const all = { "content-type": "application/json", ...headers };
  const answer = await peers.request({ path, method: "POST", headers: all, body });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new RangeError(`status ${answer.statusCode}`);
}

function tellWebhook(app: Bearer, event: object): Promise<void> | undefined {
  if (webhookPath === undefined) return undefined;
  const body = JSON.stringify(event);
  const signature = createHmac("sha256", app.channelSecret).update(body).digest("base64");
  return post(webhookPath, body, { "x-woztell-signature": signature });
}

function sendReply(app: Bearer, to: string, reply: string): Promise<void> {
  const send = { messaging_product: "whatsapp", recipient_type: "individual", to, type: "text", text: { body: reply } };
  const path = `${platform.pathname.replace(/\/$/, "")}/${app.phoneNumberId}/messages`;
  return post(path, JSON.stringify(send), { authorization: "Bearer benchmark" });
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const app = apps.get(request.url ?? "");
  const body = await readBody(request);
  if (app === undefined || !isSigned(app, body, request.headers["x-hub-signature-256"])) {
    response.writeHead(401).end();
    return;
  }
  const incoming = JSON.parse(body.toString()) as Incoming;
  const { from: member, id: platformId, text: said } = incoming.entry[0].changes[0].value.messages[0];
  const text = said.body;
  const reply = `${text.replace("order", "Order")} received`;
  await storeMessage(database, { appId: app.appId, member, text, reply });
  response.writeHead(200, { "content-length": 0 }).end();
  await Promise.all([
    sendReply(app, member, reply),
    tellWebhook(app, { eventType: "INBOUND", from: member, messageId: platformId, data: { text }, app: app.appId }),
    tellWebhook(app, { eventType: "OUTBOUND", to: member, data: { text: reply }, app: app.appId }),
  ]);
}

function addApp(baseUrl: string, number: number): Bearer {
  const path = `/channels/${number}/inbound`;
  const [appSecret, channelSecret] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
  const phoneNumberId = String(1_555_000_000_000 + number);
  const app = { appId: `app_${number}`, inboundUrl: baseUrl + path, phoneNumberId, appSecret, channelSecret };
  apps.set(path, app);
  return app;
}

const server = createServer((request, response) => {
  take(request, response).catch((error: unknown) => {
    process.stderr.write(`the floor failed: ${String(error)}\n`);
    if (!response.headersSent) response.writeHead(500).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const all = Array.from({ length: Number(options.apps) }, (_, number) => addApp(baseUrl, number + 1));
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, baseUrl, apps: all })}\n`);
});

const stop = (): never => process.exit(0);
process.on("SIGINT", () => undefined);
process.on("SIGTERM", stop);
process.on("disconnect", stop);
