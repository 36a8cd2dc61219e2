// The mock of WhatsApp's Cloud API and of the customers' webhook receiver: one process of its own, so that its cost can be
// told from the product's. It accepts every well-formed send, gives each an id, and reports what it saw.
// Started by `stage.ts`, which it tells its two ports; it ends with its parent.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { createWireReader, findHeader, type WireMessage } from "./http-wire.ts";
import { createSightingWriter, part } from "./sightings.ts";
import { type SignatureFigures, SignatureSample } from "./signature-sample.ts";
import type { Bearer } from "./traffic.ts";

export interface PlatformReady {
  readonly kind: "ready";
  readonly platformPort: number;
  readonly sightingsPort: number;
}

/** `secrets` says whose webhooks come next; `figures` asks for what the sample found since then. */
export type PlatformCommand =
  | { readonly kind: "secrets"; readonly apps: readonly Bearer[] }
  | { readonly kind: "figures" };

export interface PlatformFigures extends SignatureFigures {
  readonly kind: "figures";
  /** Requests that are none of the benchmark's. */
  readonly malformed: number;
}

const listeners = new Set<Socket>();
const sample = new SignatureSample();
let malformed = 0;
let sends = 0;

const tell = createSightingWriter((bytes) => {
  for (const listener of listeners) listener.write(bytes);
});

const marker = Buffer.from("rder ");
const orderDigitsMax = 12;

/** The number behind the first `order ` or `Order ` of a body, and whether it was the reply's capital one. */
function findOrder(body: Buffer): { readonly order: number; readonly isReply: boolean } | undefined {
  const at = body.indexOf(marker);
  if (at < 1) return undefined;
  const digits = at + marker.length;
  const order = Number.parseInt(body.toString("latin1", digits, digits + orderDigitsMax), 10);
  return Number.isNaN(order) ? undefined : { order, isReply: body[at - 1] === 0x4f };
}

function toAnswer(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

const refusal = toAnswer("400 Bad Request", '{"error":{"message":"not a message of the benchmark","code":100}}');
const accepted = toAnswer("200 OK", "{}");

function takeSend(from: string, body: Buffer): string {
  const found = findOrder(body);
  const to = /"to":"(\d{1,15})"/.exec(body.toString("latin1"))?.[1];
  if (found === undefined || !found.isReply || to === undefined) return refusal;
  tell({ part: part.replied, order: found.order, to: Number(to), from: Number(from) });
  sends += 1;
  const contacts = `"contacts":[{"input":"${to}","wa_id":"${to}"}]`;
  return toAnswer("200 OK", `{"messaging_product":"whatsapp",${contacts},"messages":[{"id":"wamid.${sends}"}]}`);
}

function takeWebhook(message: WireMessage): string {
  const found = findOrder(message.body);
  if (found === undefined) return refusal;
  sample.see(message);
  tell({ part: found.isReply ? part.outboundTold : part.inboundTold, order: found.order, to: 0, from: 0 });
  return accepted;
}

function answer(message: WireMessage): string {
  const [, path] = /^POST (\S+) /.exec(message.head) ?? [];
  const number = path === undefined ? undefined : /\/(\d{1,15})\/messages$/.exec(path)?.[1];
  if (number !== undefined) return takeSend(number, message.body);
  return path === "/webhooks" ? takeWebhook(message) : refusal;
}

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  const read = createWireReader((message) => {
    const reply = answer(message);
    if (reply === refusal) malformed += 1;
    if (findHeader(message.head, "connection") === "close") socket.end(reply, "latin1");
    else socket.write(reply, "latin1");
  });
  socket.on("data", read);
}

function serveSightings(socket: Socket): void {
  socket.setNoDelay(true);
  listeners.add(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => listeners.delete(socket));
}

function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

const stop = (): never => process.exit(0);
process.on("SIGINT", () => undefined);
process.on("SIGTERM", stop);
process.on("disconnect", stop);
process.on("message", (command: PlatformCommand) => {
  if (command.kind === "secrets") {
    sample.begin(command.apps);
    malformed = 0;
  } else process.send?.({ kind: "figures", malformed, ...sample.figures } satisfies PlatformFigures);
});
const [platformPort, sightingsPort] = await Promise.all([listen(serve), listen(serveSightings)]);
process.send?.({ kind: "ready", platformPort, sightingsPort } satisfies PlatformReady);
