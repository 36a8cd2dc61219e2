import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionId } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import { createMemoryLog } from "../../platform/http/testing.ts";
import { LiveHub } from "./live-hub.ts";

const live = new Set<SessionId>();
let fails = false;
const hub = new LiveHub({
  listLive: async (ids) =>
    fails ? Promise.reject(new TypeError("no database")) : new Set(ids.filter((id) => live.has(id))),
  log: createMemoryLog(),
});
const sessions: SessionId[] = [];
const userId = newId("user");
const server = createServer((_request, response) => {
  const sessionId = newId("session");
  sessions.push(sessionId);
  live.add(sessionId);
  response.writeHead(200, { "content-type": "text/event-stream" });
  hub.attach(response, { userId, sessionId, seconds: 60 });
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  hub.close();
  server.close();
});

const open = async () => (await fetch(url)).text();

describe("an open event stream", () => {
  it("SECURITY: is closed within a second of the end of its session", async () => {
    const reading = open();
    await expect.poll(() => hub.size).toBe(1);
    const endedAt = performance.now();
    live.clear();
    const text = await reading;
    expect(text).toContain("event: ready");
    expect(text).toContain('event: end\ndata: {"reason":"session_ended"}');
    expect(performance.now() - endedAt).toBeLessThan(1000);
    expect(hub.size).toBe(0);
  });

  it("SECURITY: is closed when nobody knows whether its session lives", async () => {
    const reading = open();
    await expect.poll(() => hub.size).toBe(1);
    fails = true;
    expect(await reading).toContain('"reason":"unknown"');
    fails = false;
  });

  it("SECURITY: is none for a browser that left before it was opened, and counts against nobody", () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    response.destroy();
    hub.attach(response, { userId, sessionId: newId("session"), seconds: 60 });
    expect(hub.size).toBe(0);
  });

  it("is refused beyond what a person may have open", async () => {
    const readings = Array.from({ length: 20 }, open);
    await expect.poll(() => hub.size).toBe(20);
    expect(() => hub.assertRoom(userId)).toThrow(expect.objectContaining({ code: "api.too_many_streams" }));
    expect(() => hub.assertRoom(newId("user"))).not.toThrow();
    live.clear();
    await Promise.all(readings);
  });
});
