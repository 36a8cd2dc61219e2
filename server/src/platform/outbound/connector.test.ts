import { afterEach, describe, expect, it, vi } from "vitest";
import { createAllowList } from "./allow-list.ts";
import { createConnector } from "./connector.ts";
import { createLyingLookup, recordConnectionAttempts } from "./hostile-network.ts";

describe("createConnector", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  function connect(protocol: string, hostname: string, port: string): Promise<unknown> {
    const allow = createAllowList([{ host: "127.0.0.1", port: 9000 }]);
    const connector = createConnector({ allow, lookup: createLyingLookup(["127.0.0.1"]), trustedCertificates: [] });
    return new Promise((resolve) => connector({ protocol, hostname, port }, (...[error]) => resolve(error)));
  }

  it.each([
    ["https:", "127.0.0.1", ""],
    ["https:", "127.0.0.1", "8443"],
    ["https:", "::1", ""],
    ["https:", "[::1]", ""],
    ["https:", "::ffff:10.0.0.1", ""],
    ["https:", "169.254.169.254", "443"],
    ["https:", "hooks.example", ""],
    ["http:", "hooks.example", ""],
    ["http:", "8.8.8.8", ""],
    ["http:", "127.0.0.1", "9001"],
  ])("refuses by itself, whatever was checked before: %s %s %s", async (protocol, hostname, port) => {
    const attempts = recordConnectionAttempts({ stop: true });
    expect(await connect(protocol, hostname, port)).toMatchObject({ code: "outbound.not_allowed" });
    expect(attempts).toEqual([]);
  });

  it("dials what the operator listed", async () => {
    const attempts = recordConnectionAttempts({ stop: true });
    expect(await connect("http:", "127.0.0.1", "9000")).toMatchObject({ code: "ECONNREFUSED" });
    expect(attempts).toEqual(["127.0.0.1:9000"]);
  });
});
