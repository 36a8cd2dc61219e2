import { describe, expect, it } from "vitest";
import { AppError } from "../kernel/errors.ts";
import { RequestMetrics } from "../platform/http/index.ts";
import { createMemoryLog, createTestServer } from "../platform/http/testing.ts";
import { createMetricsRegistry } from "./metrics-registry.ts";
import { buildOperationsSurface, type OperationsOptions } from "./operations-surface.ts";

function createServer(options: Partial<OperationsOptions> = {}) {
  const registry = createMetricsRegistry();
  const server = createTestServer({ metrics: new RequestMetrics(registry) });
  const isOperator = (authorization: string | undefined) => authorization === "Bearer operator";
  server.mount(
    buildOperationsSurface({
      registry,
      checks: {},
      isDraining: () => false,
      isOperator,
      log: createMemoryLog(),
      ...options,
    }),
  );
  return server;
}

const away = { remoteAddress: "203.0.113.7" };
const failing = async () => {
  throw new AppError({ code: "t.down", status: 503, sentence: "password=x" });
};

describe("the operations surface", () => {
  it("is ready when every check passes, and says to strangers only whether it is", async () => {
    const ready = createServer({ checks: { database: async () => undefined } });
    expect((await ready.inject({ url: "/health/ready", ...away })).json()).toEqual({ status: "ready" });
    const broken = createServer({ checks: { database: failing, keys: async () => undefined } });
    const stranger = await broken.inject({ url: "/health/ready", ...away });
    expect([stranger.statusCode, stranger.json()]).toEqual([503, { status: "not ready" }]);
    const here = await broken.inject("/health/ready");
    expect(here.json()).toEqual({ status: "not ready", checks: { database: "failed", keys: "ok" } });
  });

  it("is alive but not ready while it drains", async () => {
    const server = createServer({ isDraining: () => true });
    expect((await server.inject("/health/live")).statusCode).toBe(200);
    expect((await server.inject("/health/ready")).statusCode).toBe(503);
  });

  it("shows metrics on this machine and to an operator's token, and to nobody else, also behind a proxy on this machine", async () => {
    const server = createServer();
    expect((await server.inject("/metrics")).statusCode).toBe(200);
    expect(
      (await server.inject({ url: "/metrics", ...away, headers: { authorization: "Bearer operator" } })).statusCode,
    ).toBe(200);
    const wrong = { authorization: "Bearer operators" };
    for (const stranger of [away, { ...away, headers: wrong }, { headers: { "x-forwarded-for": "127.0.0.1" } }]) {
      const refused = await server.inject({ url: "/metrics", ...stranger });
      expect([refused.statusCode, refused.json().code]).toEqual([404, "http.not_found"]);
    }
  });

  it("counts requests by route, never by path", async () => {
    const server = createServer();
    await server.inject("/health/live");
    await server.inject("/secret-path-of-somebody");
    const text = (await server.inject("/metrics")).body;
    expect(text).toContain(
      'parley_http_request_duration_seconds_count{method="GET",route="/health/live",status="200"} 1',
    );
    expect(text).toContain('route="unknown",status="404"');
    expect(text).not.toContain("secret-path");
    expect(text).toContain("nodejs_eventloop_lag");
    expect(text).toContain('parley_event_loop_delay_seconds{percentile="99"}');
  });
});
