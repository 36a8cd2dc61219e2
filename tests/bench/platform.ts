// The mock platform and the mock webhook receiver, in a process of their own. Answers like WhatsApp's Cloud API and tells
// the load generator which reply or webhook it saw and when. Prints one ready line; ends on SIGTERM or when its parent is
// gone.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Socket } from "node:net";
import { endWithParent } from "./child-life.ts";
import { monotonicMs } from "./monotonic.ts";
import { recordKinds, SightingWriter } from "./wire.ts";

/** The file descriptor of the pipe to the load generator. */
const pipeDescriptor = 3;
const jsonType = { "content-type": "application/json" };

const pipe = new Socket({ fd: pipeDescriptor, readable: false, writable: true });
pipe.on("error", () => undefined);
const writer = new SightingWriter((bytes) => pipe.write(bytes));
let sent = 0;

function findOrder(text: unknown, pattern: RegExp): number {
  const found = typeof text === "string" ? pattern.exec(text) : null;
  return found === null ? -1 : Number(found[1]);
}

interface OutgoingCall {
  readonly to?: unknown;
  readonly text?: { readonly body?: unknown };
}

function takeReply(path: string, body: string, response: ServerResponse): void {
  const atMs = monotonicMs();
  const call = JSON.parse(body) as OutgoingCall;
  const order = findOrder(call.text?.body, /^Order (\d+) received$/);
  const kind = order < 0 ? recordKinds.stray : recordKinds.reply;
  writer.add({ kind, order, atMs, to: Number(call.to), from: Number(path.slice(1, path.indexOf("/", 1))) });
  sent += 1;
  const contacts = `[{"input":"${call.to}","wa_id":"${call.to}"}]`;
  answer(response, `{"messaging_product":"whatsapp","contacts":${contacts},"messages":[{"id":"wamid.R${sent}"}]}`);
}

function takeWebhook(request: IncomingMessage, body: string, response: ServerResponse): void {
  const atMs = monotonicMs();
  const isSigned = request.headers["x-woztell-signature"] !== undefined;
  const outbound = /"Order (\d+) received"/.exec(body);
  const inbound = outbound ?? /"order (\d+)"/.exec(body);
  const isKnown = isSigned && inbound !== null;
  const known = outbound === null ? recordKinds.inboundWebhook : recordKinds.outboundWebhook;
  writer.add({ kind: isKnown ? known : recordKinds.stray, order: Number(inbound?.[1] ?? -1), atMs, to: 0, from: 0 });
  answer(response, "{}");
}

function answer(response: ServerResponse, body: string): void {
  response.writeHead(200, { ...jsonType, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    const path = request.url ?? "";
    if (path.startsWith("/hook")) takeWebhook(request, body, response);
    else takeReply(path, body, response);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, baseUrl: `http://127.0.0.1:${port}` })}\n`);
});
endWithParent(() => {
  server.closeAllConnections();
  server.close();
  pipe.destroy();
});
