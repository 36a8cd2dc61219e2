import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createManualClock } from "../../../kernel/clock.ts";
import type { Logger } from "../../../platform/log/log.ts";
import { type Peer, startPeer } from "../../../platform/outbound/hostile-network.ts";
import { createOutboundClient, type OutboundClient } from "../../../platform/outbound/index.ts";
import { isBreached } from "./breached-password.ts";

const digest = createHash("sha1").update("breached once").digest("hex").toUpperCase();
const other = "0".repeat(35);

describe("the breach check", () => {
  let peer: Peer;
  let outbound: OutboundClient;
  let answer: { status: number; body: string };
  const seen: { url: string; padding: string }[] = [];
  const warn = vi.fn<Logger["warn"]>();

  beforeAll(async () => {
    peer = await startPeer((request, response) => {
      seen.push({ url: request.url ?? "", padding: String(request.headers["add-padding"]) });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  afterAll(() => peer.close());
  beforeEach(() => {
    const allow = [{ host: "127.0.0.1", port: peer.port }];
    outbound = createOutboundClient({ allow, clock: createManualClock(0) });
    seen.length = 0;
    warn.mockClear();
  });
  afterEach(() => outbound.close());

  const ask = (password: string, rangeUrl = `http://127.0.0.1:${peer.port}/range/`) =>
    isBreached(password, { outbound, rangeUrl, log: { warn } });

  it("SECURITY: sends five digits of the digest and nothing else of the password", async () => {
    answer = { status: 200, body: `${other}:3\r\n${digest.slice(5)}:42\r\n` };
    expect(await ask("breached once")).toBe(true);
    expect(seen).toEqual([{ url: `/range/${digest.slice(0, 5)}`, padding: "true" }]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("looks the normalised password up", async () => {
    const nfc = createHash("sha1").update("Fähre".normalize("NFC")).digest("hex");
    answer = { status: 200, body: `${nfc.slice(5)}:1` };
    expect(await ask("Fähre".normalize("NFD"))).toBe(true);
  });

  it("finds nothing when the digest is missing or only padding", async () => {
    answer = { status: 200, body: `${other}:3` };
    expect(await ask("breached once")).toBe(false);
    answer = { status: 200, body: `${digest.slice(5)}:0\r\n${other}:3` };
    expect(await ask("breached once")).toBe(false);
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    ["a failing service", { status: 500, body: "" }],
    ["a redirect", { status: 302, body: `${digest.slice(5)}:42` }],
    ["an answer that is no list", { status: 200, body: "<html>please sign in</html>" }],
    ["an empty answer", { status: 200, body: "" }],
    ["an endless answer", { status: 200, body: `${other}:1\n`.repeat(20_000) }],
  ])("does not stop anybody because of %s, and warns", async (_what, given) => {
    answer = given;
    expect(await ask("breached once")).toBe(false);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(warn.mock.calls)).not.toContain("breached once");
  });

  it("SECURITY: reaches no address the outbound client refuses, and warns", async () => {
    expect(await ask("breached once", "http://169.254.169.254/range/")).toBe(false);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(seen).toEqual([]);
  });
});
