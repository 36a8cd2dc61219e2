import type { IncomingMessage, ServerResponse } from "node:http";
import type { LookupFunction } from "node:net";
import { performance } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createManualClock } from "../../kernel/clock.ts";
import { createOutboundClient, type OutboundClient } from "./client.ts";
import { createLyingLookup, drip, flood, type Peer, startPeer } from "./hostile-network.ts";

const clock = createManualClock(0);
const bomb = gzipSync(Buffer.alloc(1_000_000));

describe("limits", () => {
  let peer: Peer;
  let base: string;
  let client: OutboundClient;
  const received: string[] = [];
  const closedEarly = new Set<string>();

  beforeAll(async () => {
    peer = await startPeer(answer);
    base = `http://127.0.0.1:${peer.port}`;
  });
  afterAll(() => peer.close());
  beforeEach(() => {
    client = createOutboundClient({ allow: [{ host: "127.0.0.1", port: peer.port }], clock, connectionsPerOrigin: 4 });
  });
  afterEach(() => client.close());

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    response.on("close", () => {
      if (!response.writableFinished) closedEarly.add(url);
    });
    received.push(url);
    if (url.startsWith("/silent")) return;
    if (url === "/later") return void setTimeout(() => response.end(), 150);
    if (url === "/drip") return drip(response);
    if (url === "/endless") return flood(response);
    if (url === "/announced") return void response.writeHead(200, { "content-length": "99999999" }).write("x");
    if (url === "/bomb") return void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    if (url === "/cookie") response.setHeader("set-cookie", "session=1");
    response.setHeader("x-seen", JSON.stringify(request.headers));
    request.pipe(response);
  }

  function get(path: string, limit: { timeoutMs?: number; responseBytesMax?: number; signal?: AbortSignal } = {}) {
    return client.request({ method: "GET", url: base + path, ...limit });
  }

  it.each(["/silent", "/drip"])("a peer that answers too slowly times out and loses its socket: %s", async (path) => {
    const startedMs = performance.now();
    await expect(get(path, { timeoutMs: 250 })).rejects.toMatchObject({ code: "outbound.timeout", status: 504 });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    await expect.poll(() => closedEarly.has(path)).toBe(true);
  });

  it("the time limit covers a resolver that never answers", async () => {
    const hanging = createOutboundClient({ allow: [], clock, lookup: () => {} });
    const request = hanging.request({ method: "GET", url: "https://hooks.example/", timeoutMs: 100 });
    await expect(request).rejects.toMatchObject({ code: "outbound.timeout" });
    await hanging.close();
  });

  it("a request that gave up while connecting is never sent", async () => {
    const { port } = peer;
    const lookup: LookupFunction = (_hostname, _options, callback) => {
      setTimeout(() => callback(null, [{ address: "127.0.0.1", family: 4 }]), 150);
    };
    const slow = createOutboundClient({ allow: [{ host: "slow.example", port }], clock, lookup });
    const request = slow.request({ method: "POST", url: `http://slow.example:${port}/late`, timeoutMs: 50 });
    await expect(request).rejects.toMatchObject({ code: "outbound.timeout" });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(received).not.toContain("/late");
    await slow.close();
  });

  it("a request that gives up waiting does not cost the busy connection", async () => {
    const { port } = peer;
    const narrow = createOutboundClient({ allow: [{ host: "127.0.0.1", port }], clock, connectionsPerOrigin: 1 });
    const before = peer.connections();
    const busy = narrow.request({ method: "GET", url: `${base}/later` });
    const gaveUp = narrow.request({ method: "GET", url: `${base}/gave-up`, timeoutMs: 50 });
    const patient = narrow.request({ method: "GET", url: base });
    await expect(gaveUp).rejects.toMatchObject({ code: "outbound.timeout" });
    expect([(await busy).status, (await patient).status]).toEqual([200, 200]);
    expect(received).not.toContain("/gave-up");
    expect(peer.connections() - before).toBe(1);
    await narrow.close();
  });

  it("the time limit covers waiting for a free connection, and giving up frees the place", async () => {
    const busy = Array.from({ length: 4 }, (_, index) => get(`/silent/${index}`, { timeoutMs: 600 }));
    await expect(get("/", { timeoutMs: 100 })).rejects.toMatchObject({ code: "outbound.timeout" });
    const late = get("/", { timeoutMs: 3000 });
    const outcomes = await Promise.allSettled(busy);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "rejected"]);
    expect((await late).status).toBe(200);
  });

  it.each(["/endless", "/announced"])(
    "a body that is too long is cut off and its socket destroyed: %s",
    async (path) => {
      await expect(get(path)).rejects.toMatchObject({ code: "outbound.response_too_large", status: 502 });
      await expect.poll(() => closedEarly.has(path)).toBe(true);
    },
  );

  it("a body of exactly the limit is accepted, one byte more is not", async () => {
    const send = (bytes: number) =>
      client.request({ method: "POST", url: base, body: Buffer.alloc(bytes, 120), responseBytesMax: 70_000 });
    expect((await send(70_000)).body).toHaveLength(70_000);
    await expect(send(70_001)).rejects.toMatchObject({ code: "outbound.response_too_large" });
  });

  it("a compressed body is handed over as it came and never unpacked", async () => {
    expect((await get("/bomb")).body.equals(bomb)).toBe(true);
  });

  it("asks for no content coding, sends what it was given and keeps no cookie", async () => {
    const first = await get("/cookie");
    const second = await client.request({ method: "PUT", url: base, headers: { "X-A": "1" }, body: "héllo" });
    const seen: unknown = JSON.parse(second.headers["x-seen"] ?? "");
    expect(first.headers).not.toHaveProperty("set-cookie");
    expect(seen).toMatchObject({ "accept-encoding": "identity", "x-a": "1", "content-length": "6" });
    expect(seen).not.toHaveProperty("cookie");
    expect(second.body.toString()).toBe("héllo");
  });

  it("a header that would break out of its line reaches nobody", async () => {
    const before = peer.connections();
    const request = client.request({ method: "GET", url: base, headers: { "x-a": "1\r\nx-b: 2" } });
    await expect(request).rejects.toMatchObject({
      code: "outbound.header_refused",
      mistakes: [{ path: "headers.x-a" }],
    });
    expect(peer.connections()).toBe(before);
  });

  it("connections to one origin are bounded and used again", async () => {
    const before = peer.connections();
    await Promise.all(Array.from({ length: 200 }, () => get("/")));
    expect(peer.connections() - before).toBeLessThanOrEqual(4);
  });

  it("more requests than may wait are refused rather than kept", async () => {
    const requests = Array.from({ length: 4 + 4 * 64 + 1 }, () => get("/silent", { timeoutMs: 300 }));
    await expect(requests.at(-1)).rejects.toMatchObject({ code: "outbound.failed" });
    const outcomes = await Promise.allSettled(requests.slice(0, -1));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "outbound.timeout" } });
  });

  it("the caller can end a request, and one ended beforehand is not sent", async () => {
    const controller = new AbortController();
    const request = get("/silent/abort", { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(request).rejects.toMatchObject({ code: "outbound.failed" });
    await expect.poll(() => closedEarly.has("/silent/abort")).toBe(true);
    await expect(get("/never", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "outbound.failed" });
    expect(received).not.toContain("/never");
  });

  it("a port nobody listens on fails without telling why", async () => {
    const closed = await startPeer(() => {});
    await closed.close();
    const other = createOutboundClient({
      allow: [{ host: "a.example", port: closed.port }],
      clock,
      lookup: createLyingLookup(["127.0.0.1"]),
    });
    const request = other.request({ method: "GET", url: `http://a.example:${closed.port}/` });
    await expect(request).rejects.toMatchObject({
      code: "outbound.failed",
      detail: expect.not.stringMatching(/ECONN|127\.0\.0\.1|a\.example/),
      message: expect.stringContaining("ECONNREFUSED"),
    });
    await other.close();
  });

  it("closing lets a request finish, then takes no more", async () => {
    const request = get("/");
    await client.close();
    expect((await request).status).toBe(200);
    await expect(get("/")).rejects.toMatchObject({ code: "outbound.failed" });
  });

  it("closing fails what has not finished after five seconds, on the wire or waiting", async () => {
    const requests = Promise.allSettled(Array.from({ length: 4 + 4 * 64 }, () => get("/silent/closing")));
    await expect.poll(() => received.filter((url) => url === "/silent/closing")).toHaveLength(4);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    await closing;
    for (const outcome of await requests) expect(outcome).toMatchObject({ reason: { code: "outbound.failed" } });
    expect(received.filter((url) => url === "/silent/closing")).toHaveLength(4);
  });

  it("a client closed before its first request opens nothing", async () => {
    const before = peer.connections();
    await client.close();
    await expect(get("/")).rejects.toMatchObject({ code: "outbound.failed" });
    expect(peer.connections()).toBe(before);
  });

  it("durations are measured with the given clock", async () => {
    const request = get("/");
    clock.advance(42);
    expect((await request).durationMs).toBe(42);
  });
});
