// A messaging platform and a webhook receiver that the test holds in its hand.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface Call {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly atMs: number;
}

export interface Receiver {
  readonly url: string;
  readonly host: string;
  readonly calls: Call[];
  /** What it answers; 200 with a WhatsApp message id unless set. */
  answer: (call: Call, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Listens on loopback and keeps what it is told. */
export async function startReceiver(): Promise<Receiver> {
  const calls: Call[] = [];
  let count = 0;
  const receiver = {
    calls,
    answer: (_call: Call, response: ServerResponse): void => {
      count += 1;
      const body = JSON.stringify({ messaging_product: "whatsapp", messages: [{ id: `wamid.mock${count}` }] });
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const call = { path: request.url ?? "", headers: request.headers, body, atMs: performance.now() };
      calls.push(call);
      receiver.answer(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, close });
}
