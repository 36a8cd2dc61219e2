import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createMemoryLog, createTestServer } from "./testing.ts";

describe("a server that stops", () => {
  it("does not wait for connections on which nothing was ever asked, such as browsers open in advance", async () => {
    const server = createTestServer({ log: createMemoryLog(), drainTimeoutMs: 10_000 });
    const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
    const socket = connect(port, "127.0.0.1");
    const isClosed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    const beganAt = performance.now();
    await server.close();
    await isClosed;
    expect(performance.now() - beganAt).toBeLessThan(2000);
  });
});
