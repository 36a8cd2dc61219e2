// The floor: the least a durable echo service can do. Bare node:http reads the body, checks the signature, parses, writes
// two rows in one transaction, answers 200 after the commit and posts the reply. No encryption, no tenants, no queue: a
// crash between commit and reply loses the reply. With `--webhook-url` it also posts one signed webhook for each message.
// Same flags and ready line as the product's start; `--socket` says where PostgreSQL listens.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { endWithParent } from "./child-life.ts";
import type { TargetApp } from "./children.ts";
import { FloorStore } from "./floor-store.ts";

const { values } = parseArgs({
  options: {
    apps: { type: "string", default: "1" },
    "platform-url": { type: "string", default: "" },
    "webhook-url": { type: "string" },
    socket: { type: "string", default: "" },
    "data-dir": { type: "string" },
  },
});

interface Inbound {
  readonly entry: readonly [
    {
      readonly changes: readonly [
        {
          readonly value: {
            readonly messages: readonly [{ readonly from: string; readonly text: { readonly body: string } }];
          };
        },
      ];
    },
  ];
}

const store = new FloorStore(values.socket);
const platform = new Pool(new URL(values["platform-url"]).origin, { connections: 64 });
const hook = values["webhook-url"] === undefined ? undefined : new URL(values["webhook-url"]);
const hooks = hook && new Pool(hook.origin, { connections: 64 });
const secrets = Array.from({ length: Number(values.apps) }, () => randomBytes(16).toString("hex"));
const jsonType = { "content-type": "application/json" };

function isAuthentic(body: Buffer, secret: string, header: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(header);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function post(pool: Pool, path: string, call: { body: string; headers: Record<string, string> }): Promise<void> {
  const { body } = await pool.request({ method: "POST", path, ...call });
  await body.dump();
}

function postWebhook(app: number, event: object): Promise<void> {
  if (hooks === undefined || hook === undefined) return Promise.resolve();
  const body = JSON.stringify(event);
  const signature = createHmac("sha256", secrets[app] ?? "")
    .update(body)
    .digest("base64");
  return post(hooks, hook.pathname, { body, headers: { ...jsonType, "x-woztell-signature": signature } });
}

async function handle(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const app = Number(request.url?.slice(1));
  const secret = secrets[app];
  if (secret === undefined || !isAuthentic(body, secret, String(request.headers["x-hub-signature-256"]))) {
    response.writeHead(401, { "content-length": 0 }).end();
    return;
  }
  const { from, text } = (JSON.parse(body.toString("utf8")) as Inbound).entry[0].changes[0].value.messages[0];
  const reply = text.body.replace(/^order (\d+)$/, "Order $1 received");
  await store.record({ app, member: from, text: text.body, reply });
  response.writeHead(200, { ...jsonType, "content-length": 2 }).end("{}");
  const message = {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to: from,
    type: "text",
    text: { body: reply },
  };
  await Promise.all([
    post(platform, `/${toPhoneNumberId(app)}/messages`, {
      body: JSON.stringify(message),
      headers: { ...jsonType, authorization: "Bearer floor" },
    }),
    postWebhook(app, {
      eventType: "INBOUND",
      type: "TEXT",
      from,
      data: { text: text.body },
      app,
      timestamp: Date.now(),
    }),
    postWebhook(app, {
      eventType: "OUTBOUND",
      type: "BOT",
      to: from,
      data: { text: reply },
      app,
      timestamp: Date.now(),
    }),
  ]);
}

function toPhoneNumberId(app: number): string {
  return String(155_500_000_000_000 + app);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    handle(request, body, response).catch((error: unknown) => {
      process.stderr.write(`floor: ${error}\n`);
      process.exit(1);
    });
  });
});
server.keepAliveTimeout = 60_000;

await store.open();
server.listen(0, "127.0.0.1", () => {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const apps = secrets.map(
    (appSecret, app): TargetApp => ({
      appId: `floor_${app}`,
      inboundUrl: `${baseUrl}/${app}`,
      phoneNumberId: toPhoneNumberId(app),
      appSecret,
      channelSecret: appSecret,
    }),
  );
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, baseUrl, apps })}\n`);
});
endWithParent(async () => {
  server.closeAllConnections();
  server.close();
  await store.close();
});
