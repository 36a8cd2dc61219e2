import { afterEach, describe, expect, it } from "vitest";
import { type HttpServer, type HttpServerOptions } from "./server.ts";
import { createTestServer, sendBytes } from "./testing.ts";

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
});

async function listen(options: Partial<HttpServerOptions> = {}): Promise<number> {
  server = createTestServer(options);
  server.mount({
    name: "api",
    register(scope) {
      scope.get("/slow", async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { done: true };
      });
      scope.get("/endless", () => new Promise(() => undefined));
    },
  });
  return (await server.listen({ host: "127.0.0.1", port: 0 })).port;
}

function bodyOf(answer: string): { code: string; status: number } {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as { code: string; status: number };
}

describe("the web server on the wire", () => {
  it.each([
    ["not HTTP at all", "hello\r\n\r\n", "http.malformed_request"],
    [
      "a header that overflows",
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`,
      "http.headers_too_large",
    ],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
      "http.malformed_request",
    ],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "http.malformed_request",
    ],
    ["a bare line feed in a header", "GET / HTTP/1.1\nHost: x\n\n", "http.malformed_request"],
    ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "http.malformed_request"],
    ["an odd expectation", "GET / HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\n\r\n", "http.expectation_failed"],
    [
      "the absolute form",
      "GET http://evil.example/slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "http.not_found",
    ],
    ["a method nobody knows", "PROPFIND /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "http.not_found"],
    [
      "control bytes in the address",
      "GET /\u0001\u007f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "http.malformed_request",
    ],
  ])("CVE-2024-8182: answers %s with a problem body and every header, and lives on", async (_what, bytes, code) => {
    const port = await listen();
    const answer = await sendBytes(port, bytes);
    expect(bodyOf(answer).code).toBe(code);
    expect(answer.toLowerCase()).toContain("content-security-policy: default-src 'none'");
    expect(answer.toLowerCase()).toContain("x-content-type-options: nosniff");
    expect(answer.toLowerCase()).not.toContain("\r\nserver:");
    expect((await fetch(`http://127.0.0.1:${port}/slow`)).status).toBe(200);
  });

  it.each([
    "/SLOW",
    "/slow/",
    "//slow",
    "/./slow",
    "/x/../slow",
    "/%2e/slow",
    "/%73low",
    "/slow%00",
    "/slow;x=1",
    "/;x/slow",
    "\\slow",
    "/slow\\",
    "/slow#x",
  ])("knows an address by one spelling only: %s is not it", async (address) => {
    const port = await listen();
    const answer = await sendBytes(port, `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(bodyOf(answer).code).toMatch(/^http\.(not_found|malformed_request)$/);
  });

  it("closes on a peer that does not finish its headers in time", async () => {
    const port = await listen({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    expect(bodyOf(await sendBytes(port, "GET / HTTP/1.1\r\nHost: x\r\n")).code).toBe("http.timeout");
    expect(bodyOf(await sendBytes(port, "")).code).toBe("http.timeout");
  });

  it("lets a running request finish when it is closed, and takes no further connection", async () => {
    const port = await listen();
    const running = fetch(`http://127.0.0.1:${port}/slow`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = server?.close();
    expect(server?.isDraining).toBe(true);
    expect(await (await running).json()).toEqual({ done: true });
    await closing;
    await expect(fetch(`http://127.0.0.1:${port}/slow`)).rejects.toThrow();
  });

  it("cuts a request that outlasts the drain", async () => {
    const port = await listen({ drainTimeoutMs: 200 });
    const running = fetch(`http://127.0.0.1:${port}/endless`).catch(() => "cut");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server?.close();
    expect(await running).toBe("cut");
  });
});
