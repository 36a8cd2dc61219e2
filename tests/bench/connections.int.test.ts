import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Connections } from "./connections.ts";

const server = createServer(
  { headersTimeout: 60, requestTimeout: 60, connectionsCheckingInterval: 20 },
  (_request, response) => response.writeHead(200, { "content-length": 0 }).end(),
);
let closed = 0;
server.on("connection", (socket) =>
  socket.on("close", () => {
    closed += 1;
  }),
);
const request = Buffer.from("POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 0\r\n\r\n");

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it("goes on with the other connections when the server ends one that nothing came on", async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const connections = await Connections.open((server.address() as AddressInfo).port, 8);
  const answers: [number, number][] = [];
  connections.onAnswer = (order, status) => answers.push([order, status]);
  // Two are used; the server gives the other six up.
  connections.send(1, request);
  connections.send(2, request);
  while (closed < 6) await sleep(10);
  connections.send(3, request);
  connections.send(4, request);
  while (answers.length < 4) await sleep(5);
  expect(answers.toSorted()).toEqual([1, 2, 3, 4].map((order) => [order, 200]));
  connections.close();
});
