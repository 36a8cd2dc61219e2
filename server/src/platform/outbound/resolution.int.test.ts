import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { createOutboundClient, type OutboundClient } from "./client.ts";
import { createLyingLookup, type Peer, recordConnectionAttempts, startPeer } from "./hostile-network.ts";

// Public by every registry, and used by nobody.
const publicAddress = "192.0.1.1";
const otherPublicAddress = "192.0.1.2";
const notAllowed = expect.objectContaining({ code: "outbound.not_allowed" });
const failed = expect.objectContaining({ code: "outbound.failed" });

describe("resolution at connect time", () => {
  let canary: Peer;
  let client: OutboundClient;

  beforeAll(async () => {
    canary = await startPeer((request, response) => {
      response.writeHead(request.url === "/redirect" ? 307 : 200, {
        location: `http://127.0.0.1:${canary.port}/inside`,
      });
      response.end(request.url);
    });
  });
  afterAll(() => canary.close());
  afterEach(async () => {
    vi.restoreAllMocks();
    await client.close();
  });

  it("b25c41b, 643ebf5: a rebinding name is connected to at the address that was checked, without asking again", async () => {
    const attempts = recordConnectionAttempts({ stop: true });
    const lookup = createLyingLookup([publicAddress], ["127.0.0.1"]);
    client = createOutboundClient({ allow: [], clock: systemClock, lookup });
    await expect(client.request({ method: "GET", url: "https://hooks.example/" })).rejects.toEqual(failed);
    expect(lookup.asked).toEqual(["hooks.example"]);
    expect(attempts).toEqual([`${publicAddress}:443`]);
  });

  it("b25c41b, 643ebf5: a name that turns to loopback before the next connection is refused then", async () => {
    const attempts = recordConnectionAttempts({ stop: true });
    const lookup = createLyingLookup([publicAddress], ["127.0.0.1"]);
    client = createOutboundClient({ allow: [], clock: systemClock, lookup });
    await expect(client.request({ method: "GET", url: "https://hooks.example/" })).rejects.toEqual(failed);
    await expect(client.request({ method: "GET", url: "https://hooks.example/" })).rejects.toEqual(notAllowed);
    expect(attempts).toEqual([`${publicAddress}:443`]);
  });

  it.each([
    [publicAddress, "127.0.0.1"],
    ["10.0.0.1", publicAddress],
    [publicAddress, "::1"],
    [publicAddress, otherPublicAddress, "::ffff:169.254.169.254"],
    [publicAddress, "2606:4700::1", "fe80::1"],
    [publicAddress, "not an address"],
  ])("a mixed answer is refused as a whole: %s, %s, %s", async (...answer) => {
    const attempts = recordConnectionAttempts({ stop: true });
    client = createOutboundClient({ allow: [], clock: systemClock, lookup: createLyingLookup(answer) });
    await expect(client.request({ method: "GET", url: "https://hooks.example/" })).rejects.toEqual(notAllowed);
    expect(attempts).toEqual([]);
  });

  it("racing the address families uses only addresses that were checked", async () => {
    const attempts = recordConnectionAttempts({ stop: true });
    const lookup = createLyingLookup([publicAddress, otherPublicAddress], ["127.0.0.1"]);
    client = createOutboundClient({ allow: [], clock: systemClock, lookup });
    await expect(client.request({ method: "GET", url: "https://hooks.example:8443/" })).rejects.toEqual(failed);
    expect(lookup.asked).toHaveLength(1);
    expect(attempts).toEqual([`${publicAddress}:8443`, `${otherPublicAddress}:8443`]);
  });

  it("an empty answer reaches nobody", async () => {
    client = createOutboundClient({ allow: [], clock: systemClock, lookup: createLyingLookup([]) });
    await expect(client.request({ method: "GET", url: "https://hooks.example/" })).rejects.toEqual(notAllowed);
  });

  it("an allowed entry opens its own host and port", async () => {
    const allow = [{ host: "inside.example", port: canary.port }];
    client = createOutboundClient({ allow, clock: systemClock, lookup: createLyingLookup(["127.0.0.1"]) });
    const url = `http://inside.example:${canary.port}/hello?x=1#never-sent`;
    client.assertAllowedUrl(url);
    const { status, body } = await client.request({ method: "GET", url });
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: "/hello?x=1" });
  });

  it("an allowed entry opens nothing else: not another port, name or address of the same machine", async () => {
    const allow = [{ host: "inside.example", port: canary.port }];
    client = createOutboundClient({ allow, clock: systemClock, lookup: createLyingLookup(["127.0.0.1"]) });
    const before = canary.connections();
    const { port } = canary;
    const urls = `http://inside.example:${port - 1}/ https://inside.example/ https://inside.example:8443/
      http://other.example:${port}/ https://other.example/ http://127.0.0.1:${port}/ http://[::1]:${port}/
      http://inside.example.:${port}/ http://x.inside.example:${port}/ http://u@inside.example:${port}/`;
    for (const url of urls.split(/\s+/)) {
      await expect(client.request({ method: "GET", url })).rejects.toEqual(notAllowed);
    }
    expect(canary.connections()).toBe(before);
  });

  it("#2432: a redirect to an internal host is handed back, not followed", async () => {
    const allow = [{ host: "inside.example", port: canary.port }];
    client = createOutboundClient({ allow, clock: systemClock, lookup: createLyingLookup(["127.0.0.1"]) });
    const before = canary.connections();
    const response = await client.request({
      method: "POST",
      url: `http://inside.example:${canary.port}/redirect`,
      body: "x",
    });
    expect(response.status).toBe(307);
    expect(response.headers["location"]).toContain("/inside");
    expect(response.body.toString()).toBe("/redirect");
    expect(canary.connections()).toBe(before + 1);
  });

  it("proxy variables of the environment are not read", async () => {
    vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:9");
    vi.stubEnv("http_proxy", "http://127.0.0.1:9");
    const allow = [{ host: "127.0.0.1", port: canary.port }];
    client = createOutboundClient({ allow, clock: systemClock });
    const { status } = await client.request({ method: "GET", url: `http://127.0.0.1:${canary.port}/` });
    vi.unstubAllEnvs();
    expect(status).toBe(200);
  });
});
