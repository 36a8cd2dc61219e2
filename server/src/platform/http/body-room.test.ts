import { connect, type Socket } from "node:net";
import { fastify } from "fastify";
import { afterAll, describe, expect, it } from "vitest";
import { BodyRoom } from "./body-room.ts";
import { acceptOctets } from "./json-body.ts";

const server = fastify();
const sockets: Socket[] = [];
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

describe("room for bodies", () => {
  it("is bounded in all and for each network, and given back once", () => {
    const room = new BodyRoom({ bytesMax: 100, networkBytesMax: 60 });
    const giveBack = room.take("a", 60);
    expect([room.take("a", 1), room.take("b", 41)]).toEqual([undefined, undefined]);
    expect(room.take("b", 40)).toBeTypeOf("function");
    giveBack?.();
    giveBack?.();
    expect(room.bytes).toBe(40);
    expect(room.take("a", 60)).toBeTypeOf("function");
  });

  it("SECURITY: bodies that never end are not held without bound; who has left holds none", async () => {
    const room = new BodyRoom({ bytesMax: 300, networkBytesMax: 250 });
    acceptOctets(server, room);
    server.post("/files", { bodyLimit: 100 }, async ({ body }) => ({ bytes: (body as Buffer).length }));
    const port = Number(new URL(await server.listen({ port: 0, host: "127.0.0.1" })).port);
    const head = "POST /files HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n";
    const open = () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      sockets.push(socket);
      return socket;
    };
    const stalled = open();
    stalled.write(`${head}Content-Length: 100\r\n\r\nabc`);
    // Of unknown length: as long as it may be.
    open().write(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    await expect.poll(() => room.bytes).toBe(200);
    const send = (bytes: number) =>
      server.inject({
        ...{ method: "POST", url: "/files", payload: Buffer.alloc(bytes) },
        headers: { "content-type": "application/octet-stream" },
      });
    expect((await send(51)).statusCode).toBe(429);
    expect((await send(50)).statusCode).toBe(200);
    await expect.poll(() => room.bytes).toBe(200);
    stalled.destroy();
    await expect.poll(() => room.bytes).toBe(100);
    expect((await send(100)).statusCode).toBe(200);
  });
});
