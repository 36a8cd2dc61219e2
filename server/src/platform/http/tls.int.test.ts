import { readFileSync } from "node:fs";
import { type ConnectionOptions, connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import type { HttpServer } from "./server.ts";
import { createTestServer } from "./testing.ts";
import type { TlsMaterial } from "./tls.ts";

function readMaterial(name: string): TlsMaterial {
  const read = (ending: string) =>
    readFileSync(new URL(`../outbound/test-certificates/${name}.${ending}.pem`, import.meta.url));
  return { certificate: read("cert"), key: read("key") };
}

let server: HttpServer;
let port: number;

beforeAll(async () => {
  server = createTestServer({ tls: readMaterial("server") });
  port = (await server.listen({ host: "127.0.0.1", port: 0 })).port;
});

afterAll(async () => {
  await server.close();
});

/** What a handshake with these options agrees on, or why it fails. */
function shake(options: ConnectionOptions): Promise<{ protocol: string; cipher: string } | { refused: string }> {
  return new Promise((resolve) => {
    // What is tested is what the server agrees to; whose certificate it is does not matter here.
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options }, () => {
      resolve({ protocol: String(socket.getProtocol()), cipher: socket.getCipher().name });
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve({ refused: error.code ?? error.message }));
  });
}

const legacy = "DEFAULT:@SECLEVEL=0";

describe("TLS in process", () => {
  it("speaks 1.3 and 1.2, with authenticated ciphers and forward secrecy", async () => {
    expect(await shake({})).toMatchObject({ protocol: "TLSv1.3" });
    expect(await shake({ maxVersion: "TLSv1.2" })).toMatchObject({
      protocol: "TLSv1.2",
      cipher: expect.stringMatching(/^ECDHE-.*(GCM|POLY1305)/),
    });
  });

  it.each(["TLSv1", "TLSv1.1"] as const)("refuses %s", async (version) => {
    const answer = await shake({ minVersion: version, maxVersion: version, ciphers: legacy });
    expect(answer).toHaveProperty("refused");
  });

  it.each([
    "AES128-GCM-SHA256",
    "AES256-SHA",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "DHE-RSA-AES128-GCM-SHA256",
  ])("refuses the cipher %s", async (cipher) => {
    const answer = await shake({ maxVersion: "TLSv1.2", ciphers: `${cipher}:@SECLEVEL=0` });
    expect(answer).toHaveProperty("refused");
  });

  it("sends HSTS", async () => {
    const answer = await server.inject("/");
    expect(answer.headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
  });

  it("outlives a peer that speaks no TLS", async () => {
    await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    expect(await shake({})).toMatchObject({ protocol: "TLSv1.3" });
  });

  it("takes a renewed certificate for connections to come, and keeps the former when the renewed one is unusable", async () => {
    server.renewTls(readMaterial("server"));
    const { certificate } = readMaterial("server");
    const { key } = readMaterial("self-signed");
    expect(() => server.renewTls({ certificate, key })).toThrow(AppError);
    expect(await shake({})).toMatchObject({ protocol: "TLSv1.3" });
  });
});
