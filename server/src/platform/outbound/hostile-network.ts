// Test doubles for the network around the outbound client: a listener that counts who reaches it, a resolver that
// lies, a record of every connection attempt of the process, and the certificates of `test-certificates/`.

import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { isIP, type LookupFunction, type Server, Socket } from "node:net";
import { constants } from "node:os";
import { vi } from "vitest";

export interface Peer {
  readonly port: number;
  /** TCP connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** Starts an HTTP server, or an HTTPS server given an identity, on a free port of `host`. */
export async function startPeer(
  listener: RequestListener,
  { tls, host = "127.0.0.1" }: { tls?: TlsIdentity; host?: string } = {},
): Promise<Peer> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  let accepted = 0;
  server.on("connection", () => {
    accepted += 1;
  });
  const port = await listen(server, host);
  return {
    port,
    connections: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A resolver that gives the listed answers one after the other, repeats the last one and counts the questions. */
export function createLyingLookup(...answers: readonly (readonly string[])[]): LookupFunction & { asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    const addresses = answer.map((address) => ({ address, family: isIP(address) }));
    setImmediate(() => callback(null, addresses));
  };
  return Object.assign(lookup, { asked });
}

/**
 * Records each `address:port` this process tries to connect to, until `vi.restoreAllMocks()`. With `stop` no packet
 * leaves: the system call answers that the connection was refused, and Node goes on from there by itself.
 */
export function recordConnectionAttempts({ stop = false }: { stop?: boolean } = {}): string[] {
  const attempts: string[] = [];
  const refuse = (): number => -constants.errno.ECONNREFUSED;
  const connect = Socket.prototype.connect;
  vi.spyOn(Socket.prototype, "connect").mockImplementation(function (this: Socket, ...args: unknown[]) {
    this.on("connectionAttempt", (ip: string, port: number) => {
      attempts.push(`${ip}:${port}`);
      if (stop) Object.assign(Reflect.get(this, "_handle"), { connect: refuse, connect6: refuse });
    });
    return Reflect.apply(connect, this, args);
  });
  return attempts;
}

/** Reads a file of `test-certificates/`. */
export function readCertificate(name: string): string {
  return readFileSync(new URL(`./test-certificates/${name}.pem`, import.meta.url), "utf8");
}

/** Answers one byte at a time, for ever. */
export function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write("x"), 20);
  response.on("close", () => clearInterval(timer));
}

/** Answers without end, as fast as the other side reads. */
export function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(16_384, 120);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
