// The load generator: a process of its own that sends the signed messages of a round over kept-alive connections and waits
// for what must come of each. Latency counts from when a message was due, so that a stall cannot hide.
// Started by `stage.ts`, driven over IPC; it ends with its parent.

import { connect, type Socket } from "node:net";
import type { RoundResult } from "./ledger.ts";
import { type RoundPlan, runLoad } from "./round.ts";
import { createSightingReader, type Sighting } from "./sightings.ts";
import { Traffic } from "./traffic.ts";

export interface LoadCommand extends RoundPlan {
  readonly sightingsPort: number;
}

export type LoadReply =
  | { readonly kind: "ready" }
  | { readonly kind: "prepared" }
  | { readonly kind: "result"; readonly result: RoundResult }
  | { readonly kind: "failed"; readonly reason: string };

/** More than either server does on the machines we know. */
const preparedPerSecond = 8_000;
const prepareMsMax = 4_000;

let nextOrder = 1;
let onSighting: (sighting: Sighting) => void = () => undefined;
let sightings: Socket | undefined;
let prepared: { readonly plan: RoundPlan; readonly traffic: Traffic } | undefined;

async function openSightings(port: number): Promise<void> {
  if (sightings !== undefined) return;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  sightings = socket;
  socket.on(
    "data",
    createSightingReader((sighting) => onSighting(sighting)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
}

async function prepare(command: LoadCommand): Promise<LoadReply> {
  await openSightings(command.sightingsPort);
  const traffic = new Traffic(command.aim, nextOrder);
  const perSecond = command.pace.kind === "open" ? command.pace.perSecond : preparedPerSecond;
  const count = Math.ceil(perSecond * command.seconds) + 1;
  traffic.prepare(Math.min(count, command.messagesMax ?? count), prepareMsMax);
  prepared = { plan: command, traffic };
  return { kind: "prepared" };
}

async function start(): Promise<LoadReply> {
  if (prepared === undefined) return { kind: "failed", reason: "nothing was prepared" };
  const { plan, traffic } = prepared;
  prepared = undefined;
  const result = await runLoad(plan, traffic, (listener) => {
    onSighting = listener;
  });
  nextOrder = traffic.first + result.sent;
  return { kind: "result", result };
}

const stop = (): never => process.exit(0);
process.on("SIGINT", () => undefined);
process.on("SIGTERM", stop);
process.on("disconnect", stop);
process.on("message", (command: LoadCommand | "start") => {
  (command === "start" ? start() : prepare(command)).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ kind: "failed", reason: String(error) } satisfies LoadReply),
  );
});
process.send?.({ kind: "ready" } satisfies LoadReply);
