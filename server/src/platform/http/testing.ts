// A server for tests, and a way to say to it what no HTTP client would.

import { connect } from "node:net";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "./server.ts";

export interface LoggedLine {
  readonly level: "error" | "warn" | "debug";
  readonly fields: object;
  readonly message: string;
}

/** A log that keeps its lines. */
export function createMemoryLog() {
  const lines: LoggedLine[] = [];
  const at = (level: LoggedLine["level"]) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, error: at("error"), warn: at("warn"), debug: at("debug") };
}

/** A server with nothing mounted and a silent log, unless `options` say other. */
export function createTestServer(options: Partial<HttpServerOptions> = {}): HttpServer {
  return createHttpServer({ trustedProxies: [], log: createMemoryLog(), ...options });
}

/** Sends bytes on a fresh connection and returns all that comes back until the peer ends it. */
export function sendBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
    let answer = "";
    socket.setEncoding("latin1");
    socket.setTimeout(5000, () => socket.destroy());
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
