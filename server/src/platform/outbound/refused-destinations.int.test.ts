import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createManualClock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { createOutboundClient, type OutboundClient } from "./client.ts";
import { outboundErrors } from "./errors.ts";
import { createLyingLookup, type Peer, recordConnectionAttempts, startPeer } from "./hostile-network.ts";
import { internalHosts, refusedUrls, specialRanges } from "./ssrf-table.ts";

const clock = createManualClock(0);

async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const outcome = await action.then(
    () => "an answer",
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  return expect.fail(`expected an AppError, got ${String(outcome)}`);
}

/** Everything of an error that a caller can see. */
function toPublicParts({ code, status, detail, mistakes, retryAfterSeconds }: AppError): unknown {
  return { code, status, detail, mistakes, retryAfterSeconds };
}

const refusal = {
  code: "outbound.not_allowed",
  status: 400,
  detail: outboundErrors.notAllowed.sentence,
  mistakes: [],
  retryAfterSeconds: undefined,
};

describe("refused destinations", () => {
  let canary: Peer;
  let attempts: string[];
  let client: OutboundClient;

  beforeAll(async () => {
    canary = await startPeer((_request, response) => response.end("canary"));
  });
  afterAll(() => canary.close());

  beforeEach(() => {
    attempts = recordConnectionAttempts();
    client = createOutboundClient({ allow: [], clock, lookup: createLyingLookup(["127.0.0.1"]) });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await client.close();
  });

  async function expectRefused(url: string): Promise<void> {
    const error = await failureOf(client.request({ method: "POST", url, body: "x", timeoutMs: 2000 }));
    const seen = { url, error: toPublicParts(error), attempts, connections: canary.connections() };
    expect(seen).toEqual({ url, error: refusal, attempts: [], connections: 0 });
  }

  it("the table holds at least 150 destinations", () => {
    const resolutions = specialRanges.flatMap(({ inside }) => inside);
    expect(new Set([...internalHosts, ...refusedUrls, ...resolutions]).size).toBeGreaterThanOrEqual(150);
  });

  it.each(internalHosts)(
    "CVE-2026-49213: the internal host %s is refused in every scheme and on every port",
    async (host) => {
      const { port } = canary;
      for (const url of [
        `https://${host}/`,
        `https://${host}:8443/`,
        `http://${host}:${port}/`,
        `https://${host}:${port}/`,
      ]) {
        await expectRefused(url);
        expect(() => client.assertAllowedUrl(url)).toThrow(outboundErrors.notAllowed.sentence);
      }
    },
  );

  it.each(refusedUrls)("the URL %j is refused for how it is written", async (url) => {
    await expectRefused(url);
    expect(() => client.assertAllowedUrl(url)).toThrow(outboundErrors.notAllowed.sentence);
  });

  it.each([
    "http://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    "https://[fd00:ec2::254]/",
  ])("CVE-2025-64709: the metadata service %s is refused", expectRefused);

  const resolutions = specialRanges.flatMap(({ inside }) => inside);
  it.each(resolutions)("CVE-2026-34207: a host that resolves to %s is refused", async (address) => {
    const lying = createOutboundClient({ allow: [], clock, lookup: createLyingLookup([address]) });
    const error = await failureOf(lying.request({ method: "GET", url: "https://hooks.example/", timeoutMs: 2000 }));
    expect(toPublicParts(error)).toEqual(refusal);
    expect(attempts).toEqual([]);
    await lying.close();
  });

  it("CVE-2026-34719: a name that passes when a setting is saved is judged again when it is called", async () => {
    expect(() => client.assertAllowedUrl("https://hooks.example/")).not.toThrow();
    await expectRefused("https://hooks.example/");
  });

  it("an attempt would have been seen: the record is not blind", async () => {
    const allowed = createOutboundClient({ allow: [{ host: "127.0.0.1", port: canary.port }], clock });
    await allowed.request({ method: "GET", url: `http://127.0.0.1:${canary.port}/` });
    expect(attempts).toEqual([`127.0.0.1:${canary.port}`]);
    await allowed.close();
    await canary.close();
    canary = await startPeer((_request, response) => response.end("canary"));
  });
});
