// The server with the fault that the enumeration suite is there to find: in front of the real one, and it holds some
// answers back.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Asker } from "./http.ts";

export interface SlowProxy {
  readonly url: string;
  close(): void;
}

/** Starts it in front of `url`: what has a body that `isDelayed` is answered `delayMs` late. */
export async function startSlowProxy(options: {
  readonly url: string;
  readonly isDelayed: (body: string) => boolean;
  readonly delayMs: number;
}): Promise<SlowProxy> {
  const behind = new Asker(options.url);
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { url: path = "", method = "", headers } = request;
    const from = { "x-forwarded-for": String(headers["x-forwarded-for"]) };
    const heard = await behind.ask({ path, method, headers: from, body: JSON.parse(text) as unknown });
    if (options.isDelayed(text)) await new Promise((resolve) => setTimeout(resolve, options.delayMs));
    response.writeHead(heard.status).end(heard.text);
  };
  const server = createServer((request, response) => void pass(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    behind.close();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
