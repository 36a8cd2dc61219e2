// Peers that hold a server's connections without doing anything with them, each in one of the ways there are.

import { connect, type Socket } from "node:net";
import type { CrowdMember } from "./crowd.ts";

export const slowKinds = ["headers", "body", "read", "idle"] as const;
export type SlowKind = (typeof slowKinds)[number];

/** How many of each kind: slowloris, slow body, streams nobody reads, connections that say nothing. */
export const slowCounts: Readonly<Record<SlowKind, number>> = { headers: 200, body: 100, read: 100, idle: 1_000 };

const dripMs = 500;

export interface SlowPeers {
  /** How many hold a connection as they mean to: not closed, and answered only where an answer is what they do not read. */
  countHeld(): number;
  close(): void;
}

function openSocket(port: number, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: address }, () => resolve(socket));
    socket.on("error", reject);
  });
}

function toBeginning(kind: SlowKind, channelId: string, { visitor }: CrowdMember): string {
  const path = `/chat/v1/channels/${channelId}`;
  const { origin, token } = visitor;
  if (kind === "idle") return "";
  if (kind === "headers") return `POST ${path}/start HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nX-Slow: `;
  const head = `Host: localhost\r\nOrigin: ${origin}\r\nAuthorization: Bearer ${token}\r\n`;
  if (kind === "read") return `GET ${path}/stream HTTP/1.1\r\n${head}\r\n`;
  const length = "Content-Type: application/json\r\nContent-Length: 4000\r\n";
  return `POST ${path}/messages HTTP/1.1\r\n${head}${length}\r\n{"text":"`;
}

interface Peer {
  readonly socket: Socket;
  /** The first bytes of an answer. */
  heard: string;
}

function isHeld(kind: SlowKind, { socket, heard }: Peer): boolean {
  if (socket.destroyed || socket.readableEnded) return false;
  return kind === "read" ? heard.startsWith("HTTP/1.1 200") : heard === "";
}

async function openPeer(kind: SlowKind, at: SlowStage, member: CrowdMember): Promise<Peer> {
  const socket = await openSocket(at.port, member.visitor.address);
  const peer: Peer = { socket, heard: "" };
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    peer.heard ||= chunk.toString("latin1");
    socket.pause();
  });
  const beginning = toBeginning(kind, at.channelId, member);
  if (beginning !== "") socket.write(beginning);
  return peer;
}

export interface SlowStage {
  readonly port: number;
  readonly channelId: string;
  readonly crowd: readonly CrowdMember[];
}

/** Opens all of a kind and keeps them busy doing nothing. */
export async function openSlowPeers(kind: SlowKind, at: SlowStage): Promise<SlowPeers> {
  const peers: Peer[] = [];
  for (let index = 0; index < slowCounts[kind]; index += 1) {
    peers.push(await openPeer(kind, at, at.crowd[index % at.crowd.length] as CrowdMember));
  }
  const drips = kind === "headers" || kind === "body";
  const drip = setInterval(() => {
    for (const { socket } of peers) if (drips && socket.writable) socket.write("a");
  }, dripMs);
  return {
    countHeld: () => peers.filter((peer) => isHeld(kind, peer)).length,
    close: () => {
      clearInterval(drip);
      for (const { socket } of peers) socket.destroy();
    },
  };
}
