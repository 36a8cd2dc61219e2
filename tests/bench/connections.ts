// The load generator's kept-alive connections. Each carries one request at a time; a message that finds none free waits
// its turn, and its wait counts.

import { connect, type Socket } from "node:net";
import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";
import { createWireReader } from "./http-wire.ts";

interface Line {
  readonly socket: Socket;
  /** The message whose answer is awaited. */
  order: number;
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

export class Connections {
  readonly #free: Line[] = [];
  readonly #all: Socket[] = [];
  #waiting: { readonly order: number; readonly request: Buffer }[] = [];
  #firstWaiting = 0;
  #isClosing = false;
  /** Told of each answer, once the connection is free for the next message. Status 0: the connection broke. */
  onAnswer: (order: number, status: number) => void = () => undefined;

  /** Opens `count` connections to a port of this machine. Rejects when one cannot be opened. */
  static async open(port: number, count: number): Promise<Connections> {
    const connections = new Connections();
    const sockets = await Promise.all(Array.from({ length: count }, () => openSocket(port)));
    for (const socket of sockets) connections.#add(socket);
    return connections;
  }

  send(order: number, request: Buffer): void {
    // In turn, so that none is left unused for long.
    const line = this.#free.shift();
    if (line === undefined) {
      this.#waiting.push({ order, request });
      return;
    }
    line.order = order;
    line.socket.write(request);
  }

  close(): void {
    this.#isClosing = true;
    for (const socket of this.#all) socket.destroy();
  }

  #add(socket: Socket): void {
    const line: Line = { socket, order: 0 };
    const read = createWireReader(({ head }) => {
      const { order } = line;
      const status = Number(head.slice(9, 12)); // HTTP/1.1 200 OK
      if (order === 0) {
        // A server ends a connection on which nothing came for too long.
        if (status !== 408) throw new AppError(benchErrors.wire, { note: "an answer nobody asked for" });
        socket.destroy();
        return;
      }
      line.order = 0;
      this.#release(line);
      this.onAnswer(order, status);
    });
    socket.on("data", read);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (!this.#isClosing) this.#lose(line);
    });
    this.#all.push(socket);
    this.#free.push(line);
  }

  #release(line: Line): void {
    const next = this.#waiting[this.#firstWaiting];
    if (next === undefined) {
      this.#waiting = [];
      this.#firstWaiting = 0;
      this.#free.push(line);
      return;
    }
    this.#firstWaiting += 1;
    line.order = next.order;
    line.socket.write(next.request);
  }

  #lose(line: Line): void {
    const at = this.#free.indexOf(line);
    if (at >= 0) this.#free.splice(at, 1);
    if (line.order !== 0) this.onAnswer(line.order, 0);
  }
}
