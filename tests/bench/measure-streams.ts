// What open streams of visitors cost a server process, how quickly a message reaches one of many, and whether peers that
// hold connections slow anybody else down.

import { setTimeout as wait } from "node:timers/promises";
import type { ChatStream } from "../support/chat.ts";
import type { ChatHouse } from "../support/chat-house.ts";
import { type CrowdMember, gather, openStreams } from "./crowd.ts";
import { Inspector, type Memory } from "./inspector.ts";
import { openSlowPeers, type SlowKind, slowCounts } from "./slow-peers.ts";
import { toPercentile, toRounded } from "./statistics.ts";

export interface Times {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface StreamCost {
  readonly streams: number;
  /** Of the process, above idle, for each stream. */
  readonly rssKiB: number;
  readonly heapKiB: number;
  readonly externalKiB: number;
  readonly idleRssMiB: number;
}

export interface SlowResult extends Times {
  readonly kind: SlowKind | "none";
  readonly peers: number;
  /** How many of them still held their connection at the end. */
  readonly held: number;
}

function toTimes(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (percent: number): number => toRounded(toPercentile(sorted, percent), 1);
  return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99), maxMs: at(100) };
}

function toCost(streams: number, idle: Memory, busy: Memory): StreamCost {
  const each = (field: keyof Memory): number => toRounded((busy[field] - idle[field]) / streams / 1024, 1);
  const idleRssMiB = toRounded(idle.rssBytes / 1024 / 1024, 1);
  return {
    ...{ streams, idleRssMiB },
    ...{ rssKiB: each("rssBytes"), heapKiB: each("heapBytes"), externalKiB: each("externalBytes") },
  };
}

export interface Stage {
  readonly house: ChatHouse;
  readonly channelId: string;
  readonly crowd: readonly CrowdMember[];
}

/** A channel with so many visitors who have spoken. */
export async function prepareCrowd(house: ChatHouse, count: number): Promise<Stage> {
  const channelId = await house.addChannel({ proofOfWork: "never" });
  return { house, channelId, crowd: await gather(house, channelId, count) };
}

/** The memory of the server process for each open stream, above the same process when it had answered all these visitors. */
export async function measureMemory({ house, crowd }: Stage): Promise<{ cost: StreamCost; streams: ChatStream[] }> {
  const inspector = await Inspector.open(house.server);
  try {
    const idle = await inspector.measure();
    const streams = await openStreams(crowd);
    const busy = await inspector.measure();
    return { cost: toCost(streams.length, idle, busy), streams };
  } finally {
    inspector.close();
  }
}

/** How much of the heap each stream gives back when it is closed, KiB. */
export async function measureFreed({ house }: Stage, streams: readonly ChatStream[]): Promise<number> {
  const inspector = await Inspector.open(house.server);
  try {
    const open = await inspector.measure();
    for (const stream of streams) stream.close();
    const closed = await inspector.measure();
    return toRounded((open.heapBytes - closed.heapBytes) / streams.length / 1024, 1);
  } finally {
    inspector.close();
  }
}

/** From the call of the interface to the event on the stream of the visitor who is written to; one after the other. */
export async function measureMessages(stage: Stage, streams: readonly ChatStream[], count: number): Promise<Times> {
  const { house, channelId, crowd } = stage;
  const times: number[] = [];
  for (let number = 0; number < count; number += 1) {
    // Evenly over all of them, in no order that a cache could like.
    const at = (number * 379) % crowd.length;
    const { recipientId } = crowd[at] as CrowdMember;
    const text = `Message ${number}`;
    const startMs = performance.now();
    const sent = house.callBot({ channelId, recipientId, response: [{ type: "text", text }] });
    const seen = await (streams[at] as ChatStream).findMessage(text, 10_000);
    times.push(seen.atMs - startMs);
    const { status, body } = await sent;
    if (status !== 200) throw new Error(`a message was not sent: ${status} ${body.code}`);
  }
  return toTimes(times);
}

async function measureBot({ house, channelId, crowd }: Stage, count: number): Promise<Times> {
  const times: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const { recipientId } = crowd[number % crowd.length] as CrowdMember;
    const message = { channelId, recipientId, response: [{ type: "text", text: "Hello" }], dryRun: true };
    const { status, ms } = await house.callBot(message);
    if (status !== 200) throw new Error(`the Bot API answered ${status}`);
    times.push(ms);
    await wait(10);
  }
  return toTimes(times);
}

/** The Bot API's answers while peers of a kind hold connections. */
export async function measureSlow(stage: Stage, kind: SlowKind | "none", count: number): Promise<SlowResult> {
  if (kind === "none") return { kind, peers: 0, held: 0, ...(await measureBot(stage, count)) };
  const { house, channelId, crowd } = stage;
  const port = Number(new URL(house.server.url).port);
  const peers = await openSlowPeers(kind, { port, channelId, crowd });
  try {
    await wait(500);
    const written = kind === "read" ? writeToUnread(stage) : undefined;
    const times = await measureBot(stage, count);
    await written;
    return { kind, peers: slowCounts[kind], held: peers.countHeld(), ...times };
  } finally {
    peers.close();
  }
}

/** Gives streams that nobody reads much to hold. */
async function writeToUnread({ house, channelId, crowd }: Stage): Promise<void> {
  const text = "x".repeat(4_000);
  for (let round = 0; round < 3; round += 1) {
    for (const { recipientId } of crowd.slice(0, slowCounts.read)) {
      await house.callBot({ channelId, recipientId, response: [{ type: "text", text }] });
    }
  }
}
