import { describe, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import { acceptJsonBodies } from "./json-body.ts";
import { acceptRawBodies, registerRawRoute } from "./raw-route.ts";
import type { Surface } from "./server.ts";
import { listSurfaceHeaders, type SurfaceName } from "./surface-headers.ts";
import { createMemoryLog, createTestServer } from "./testing.ts";

const things: Surface = {
  name: "api",
  register(scope) {
    acceptJsonBodies(scope);
    scope.get("/api/things/:thing", async (request) => ({ path: request.url, ip: request.ip }));
    scope.post("/api/things", { bodyLimit: 1000 }, async (request) => request.body ?? null);
    scope.get("/api/bug", async () => {
      throw new TypeError("password=hunter2 at /srv/secret.ts");
    });
    scope.get("/api/busy", async () => {
      throw new AppError({ code: "t.busy", status: 503, sentence: "Come back." }, { retryAfterSeconds: 1.2 });
    });
  },
};

const inbound: Surface = {
  name: "channel",
  register(scope) {
    acceptRawBodies(scope);
    registerRawRoute(scope, {
      method: "POST",
      path: "/channels/{channelId}/inbound",
      bodyBytesMax: 100,
      handle: async ({ body, params }) => ({
        status: 200,
        contentType: "text/plain",
        body: `${params["channelId"]} ${body.toString("hex")}`,
      }),
    });
  },
};

function createServer() {
  const log = createMemoryLog();
  const server = createTestServer({ log });
  server.mount(things);
  server.mount(inbound);
  return { server, log };
}

const json = { "content-type": "application/json" };

describe("the web server", () => {
  it("gives every answer, good or bad, all headers of its surface and a request id", async () => {
    const { server } = createServer();
    const crawl: [SurfaceName, "GET" | "POST" | "OPTIONS" | "DELETE" | "HEAD", string, number][] = [
      ["api", "GET", "/api/things/a", 200],
      ["api", "HEAD", "/api/things/a", 200],
      ["api", "OPTIONS", "/api/things/a", 204],
      ["api", "DELETE", "/api/things/a", 405],
      ["api", "GET", "/nowhere", 404],
      ["api", "GET", "/api/things/%zz", 400],
      ["api", "POST", "/api/things", 415],
      ["api", "GET", "/api/bug", 500],
      ["channel", "POST", "/channels/c/inbound", 200],
      ["channel", "GET", "/channels/c/inbound", 405],
    ];
    for (const [surface, method, url, status] of crawl) {
      const payload =
        status === 415
          ? { payload: "x", headers: { "content-type": "text/plain", origin: "https://evil.example" } }
          : {};
      const answer = await server.inject({ method, url, ...payload });
      expect(answer.statusCode, url).toBe(status);
      expect(answer.headers).toMatchObject(Object.fromEntries(listSurfaceHeaders(surface, false)));
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
      for (const name of ["access-control-allow-origin", "server", "x-powered-by", "strict-transport-security"]) {
        expect(answer.headers, url).not.toHaveProperty(name);
      }
    }
  });

  it("sends HSTS for two years when it is reached by HTTPS", async () => {
    const server = createTestServer({ isBehindHttps: true });
    const answer = await server.inject("/");
    expect(answer.headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
  });

  it("answers failures as problem+json and shows nothing of a bug but its request id", async () => {
    const { server, log } = createServer();
    const answer = await server.inject("/api/bug");
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.json()).toEqual({
      type: "urn:parley:error:kernel.bug",
      title: "Internal Server Error",
      status: 500,
      code: "kernel.bug",
      detail: "Something went wrong on our side. Nothing was changed.",
      requestId: answer.headers["x-request-id"],
    });
    const line = log.lines.find((one) => one.level === "error");
    expect(line?.fields).toMatchObject({ requestId: answer.headers["x-request-id"], route: "/api/bug" });
    expect(line?.fields).toHaveProperty("err.cause.stack");
  });

  it("does not log a request that went well", async () => {
    const { server, log } = createServer();
    await server.inject("/api/things/a");
    expect(log.lines).toEqual([]);
  });

  it("says in whole seconds when to come back", async () => {
    const answer = await createServer().server.inject("/api/busy");
    expect(answer.headers["retry-after"]).toBe("2");
  });

  it("names the methods an address takes", async () => {
    const { server } = createServer();
    expect((await server.inject({ method: "PUT", url: "/api/things/a" })).headers.allow).toBe("GET, HEAD, OPTIONS");
    expect((await server.inject({ method: "GET", url: "/api/things" })).headers.allow).toBe("OPTIONS, POST");
    expect((await server.inject({ method: "OPTIONS", url: "/api/things" })).headers.allow).toBe("OPTIONS, POST");
  });

  it.each(["application/json", "application/json; charset=utf-8", 'Application/JSON; charset="UTF-8"'])(
    "takes a body declared as %s",
    async (type) => {
      const answer = await createServer().server.inject({
        method: "POST",
        url: "/api/things",
        payload: "{}",
        headers: { "content-type": type },
      });
      expect(answer.statusCode).toBe(200);
    },
  );

  it.each([
    "text/plain",
    "application/json; charset=latin1",
    "application/json-patch+json",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "nonsense",
  ])("refuses a body declared as %s", async (type) => {
    const answer = await createServer().server.inject({
      method: "POST",
      url: "/api/things",
      payload: "{}",
      headers: { "content-type": type },
    });
    expect(answer.statusCode).toBe(415);
  });

  it("refuses a compressed body", async () => {
    const headers = { ...json, "content-encoding": "gzip" };
    const answer = await createServer().server.inject({ method: "POST", url: "/api/things", payload: "{}", headers });
    expect(answer.statusCode).toBe(415);
  });

  it("refuses a body larger than the route takes, and one byte less passes", async () => {
    const { server } = createServer();
    const send = (size: number) =>
      server.inject({ method: "POST", url: "/api/things", payload: `"${"x".repeat(size - 2)}"`, headers: json });
    expect((await send(1000)).statusCode).toBe(200);
    expect((await send(1001)).statusCode).toBe(413);
  });

  it("hands a raw route the exact bytes of any type, up to its own limit", async () => {
    const { server } = createServer();
    const payload = Buffer.from([0xff, 0x00, 0x7b, 0x0d, 0x0a]);
    const url = "/channels/chn_1/inbound";
    for (const type of ["application/json", "application/octet-stream", "text/xml; charset=latin1"]) {
      const answer = await server.inject({ method: "POST", url, payload, headers: { "content-type": type } });
      expect(answer.body).toBe("chn_1 ff007b0d0a");
    }
    const large = await server.inject({ method: "POST", url, payload: Buffer.alloc(101), headers: json });
    expect(large.statusCode).toBe(413);
  });

  it("keeps a caller's request id only when it is harmless", async () => {
    const { server } = createServer();
    const idFor = async (given: string) =>
      (await server.inject({ url: "/nowhere", headers: { "x-request-id": given } })).headers["x-request-id"];
    expect(await idFor("trace_0123456789abcdef")).toBe("trace_0123456789abcdef");
    for (const odd of [
      "short",
      "a".repeat(65),
      "0123456789abcde\u00e9",
      "{{7*7}}__________",
      "id with spaces inside",
    ]) {
      expect(await idFor(odd)).not.toBe(odd);
    }
  });

  it("believes a forwarded address from a configured proxy only", async () => {
    const ipOf = async (trustedProxies: string[], forwarded: string) => {
      const server = createTestServer({ trustedProxies });
      server.mount(things);
      const answer = await server.inject({
        url: "/api/things/a",
        remoteAddress: "10.0.0.9",
        headers: { "x-forwarded-for": forwarded },
      });
      return answer.json().ip;
    };
    expect(await ipOf([], "203.0.113.7")).toBe("10.0.0.9");
    expect(await ipOf(["192.0.2.0/24"], "203.0.113.7")).toBe("10.0.0.9");
    expect(await ipOf(["10.0.0.0/8"], "203.0.113.7")).toBe("203.0.113.7");
    expect(await ipOf(["10.0.0.0/8"], "1.1.1.1, 203.0.113.7")).toBe("203.0.113.7");
  });

  it("refuses proxies that are not addresses", () => {
    expect(() => createTestServer({ trustedProxies: ["everyone"] })).toThrow(AppError);
  });
});
