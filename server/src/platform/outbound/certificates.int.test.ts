import { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { createOutboundClient, type OutboundClient } from "./client.ts";
import { createLyingLookup, type Peer, readCertificate, startPeer, type TlsIdentity } from "./hostile-network.ts";

const authority = readCertificate("ca.cert");
const valid: TlsIdentity = { key: readCertificate("server.key"), cert: readCertificate("server.cert") };
const expired: TlsIdentity = { key: valid.key, cert: readCertificate("expired.cert") };
const selfSigned: TlsIdentity = { key: readCertificate("self-signed.key"), cert: readCertificate("self-signed.cert") };
const failed = expect.objectContaining({ code: "outbound.failed" });

describe("certificates", () => {
  let peer: Peer;
  let client: OutboundClient;
  let requests: number;

  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await client.close();
    await peer.close();
  });

  /** A server with `identity`, and a client whose operator allowed `host` on its port. */
  async function start(identity: TlsIdentity, options: { trusted?: string[]; host?: string } = {}): Promise<string> {
    requests = 0;
    peer = await startPeer(
      (_request, response) => {
        requests += 1;
        response.end("hello");
      },
      { tls: identity },
    );
    const host = options.host ?? "hooks.example";
    client = createOutboundClient({
      allow: [{ host, port: peer.port }],
      clock: systemClock,
      lookup: createLyingLookup(["127.0.0.1"]),
      trustedCertificates: options.trusted ?? [],
    });
    return `https://${host}:${peer.port}/`;
  }

  it("a chain that ends at the operator's authority is accepted", async () => {
    const url = await start(valid, { trusted: [authority] });
    const { status, body } = await client.request({ method: "GET", url });
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: "hello" });
  });

  it("an address in the certificate is accepted for a literal address", async () => {
    const url = await start(valid, { trusted: [authority], host: "127.0.0.1" });
    expect((await client.request({ method: "GET", url })).status).toBe(200);
  });

  it.each([
    { name: "an unknown authority", identity: valid },
    { name: "a self-signed certificate", identity: selfSigned, trusted: [authority] },
    { name: "a certificate for another host", identity: valid, trusted: [authority], host: "other.example" },
    { name: "an expired certificate", identity: expired, trusted: [authority] },
  ])("$name is refused before a byte of the request is sent, allow list or not", async ({ identity, ...options }) => {
    const url = await start(identity, options);
    await expect(client.request({ method: "POST", url, body: "secret" })).rejects.toEqual(failed);
    expect(requests).toBe(0);
  });

  it("no environment variable switches verification off", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const url = await start(selfSigned);
    await expect(client.request({ method: "GET", url })).rejects.toEqual(failed);
    expect(requests).toBe(0);
  });

  it("what the TLS library says stays out of the public sentence", async () => {
    const url = await start(selfSigned);
    const error: unknown = await client.request({ method: "GET", url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ detail: expect.not.stringMatching(/self|DEPTH_ZERO|127\.0\.0\.1|hooks\.example/) });
    expect(error).toMatchObject({ message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT") });
  });

  it("a trusted certificate that is not PEM is refused when the client is made", async () => {
    await start(valid);
    expect(() => createOutboundClient({ allow: [], clock: systemClock, trustedCertificates: ["MIIB"] })).toThrow(
      expect.objectContaining({ code: "outbound.certificate_invalid" }),
    );
  });

  describe("to a public address", () => {
    /** Leads every connection to the peer, after the lookup ran; `reached` is the address the socket then reports. */
    function divertConnections(reached: (checked: string) => string): string[] {
      const dialled: string[] = [];
      const connect = Socket.prototype.connect;
      vi.spyOn(Socket.prototype, "connect").mockImplementation(function (this: Socket, ...args: unknown[]) {
        const [{ host, port, lookup }, onConnect] = args as [
          { host: string; port: string; lookup: typeof lookupType },
          unknown,
        ];
        lookup(host, { all: true }, (error, addresses) => {
          if (error) return this.destroy(error);
          const checked = addresses[0]?.address ?? "";
          dialled.push(`${checked}:${port}`);
          Object.defineProperty(this, "remoteAddress", { value: reached(checked) });
          return Reflect.apply(connect, this, [{ host: "127.0.0.1", port: peer.port }, onConnect]);
        });
        return this;
      });
      return dialled;
    }

    function createPublicClient(): OutboundClient {
      const lookup = createLyingLookup(["192.0.1.1"]);
      return createOutboundClient({ allow: [], clock: systemClock, lookup, trustedCertificates: [authority] });
    }

    it("a public name is reached over verified TLS at the address that was checked", async () => {
      await start(valid);
      client = createPublicClient();
      const dialled = divertConnections((checked) => checked);
      const response = await client.request({ method: "GET", url: "https://hooks.example/" });
      expect(response.body.toString()).toBe("hello");
      expect(dialled).toEqual(["192.0.1.1:443"]);
    });

    it("a socket that ends up at an internal address all the same is dropped before the request is sent", async () => {
      await start(valid);
      client = createPublicClient();
      divertConnections(() => "127.0.0.1");
      await expect(client.request({ method: "GET", url: "https://hooks.example/" })).rejects.toMatchObject({
        code: "outbound.not_allowed",
      });
      expect(requests).toBe(0);
    });
  });
});

declare const lookupType: (
  host: string,
  options: { all: true },
  callback: (error: Error | null, addresses: { address: string }[]) => void,
) => void;
