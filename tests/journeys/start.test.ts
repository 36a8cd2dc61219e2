// What a start refuses, with a sentence that says what to do; and what TLS it speaks.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPort, type RunningServer, runCommand, startServer } from "../support/server.ts";

const certificates = join(import.meta.dirname, "../../server/src/platform/outbound/test-certificates");
const tls = {
  PARLEY_TLS_CERT: join(certificates, "server.cert.pem"),
  PARLEY_TLS_KEY: join(certificates, "server.key.pem"),
};

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "parley-start-"));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe("a start", () => {
  it.each([
    ["a public address in clear text", { PARLEY_HOST: "0.0.0.0" }, "Set PARLEY_TLS_CERT and PARLEY_TLS_KEY"],
    ["half a TLS setting", { PARLEY_TLS_CERT: tls.PARLEY_TLS_CERT }, "must be set together"],
    [
      "a sample master key",
      { PARLEY_MASTER_KEY: Buffer.alloc(32, 1).toString("base64") },
      "sample or a guessable value",
    ],
    ["a short master key", { PARLEY_MASTER_KEY: "c2hvcnQ=" }, "must be 32 bytes in base64"],
    ["a mistyped setting", { PARLEY_PROT: "1" }, "PARLEY_PROT"],
    [
      "a TLS file that is not there",
      { PARLEY_TLS_CERT: "/nowhere", PARLEY_TLS_KEY: "/nowhere" },
      "cannot read the file",
    ],
  ])(
    "GHSA-2qqc-p94c-hxwh, CVE-2026-56269: with %s is refused, and says what to do",
    async (_what, settings, sentence) => {
      const port = String(await findPort());
      const result = await runCommand(["serve"], { PARLEY_DATA_DIR: dataDir, PARLEY_PORT: port, ...settings });
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(sentence);
    },
    60_000,
  );

  it("SECURITY: is refused when the key ring is gone but the database is encrypted under it, or when others may read it", async () => {
    const settings = { PARLEY_DATA_DIR: dataDir, PARLEY_PORT: String(await findPort()), PARLEY_LOG_LEVEL: "error" };
    expect((await runCommand(["demo", "seed", "--json"], settings)).code).toBe(0);
    const ring = join(dataDir, "keys", "ring.json");
    const kept = readFileSync(ring);
    rmSync(ring);
    const missing = await runCommand(["serve"], settings);
    expect([missing.code, missing.stderr.includes("Put the key ring of this installation back")]).toEqual([1, true]);
    writeFileSync(ring, kept, { mode: 0o644 });
    const open = await runCommand(["serve"], settings);
    expect([open.code, open.stderr.includes("chmod 600")]).toEqual([1, true]);
    rmSync(ring);
    writeFileSync(ring, kept, { mode: 0o600 });
    const server = await startServer(settings);
    expect(await server.stop()).toBe(0);
  }, 90_000);
});

describe("with a certificate", () => {
  let server: RunningServer;
  let port: number;
  beforeAll(async () => {
    port = await findPort();
    const settings = {
      PARLEY_DATA_DIR: dataDir,
      PARLEY_PORT: String(port),
      PARLEY_HOST: "0.0.0.0",
      PARLEY_LOG_LEVEL: "error",
      ...tls,
    };
    server = await startServer(settings);
  }, 60_000);
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  function shake(options: object): Promise<string> {
    return new Promise<string>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => {
        const { name } = socket.getCipher();
        resolve(`${socket.getProtocol()} ${name}`);
        socket.destroy();
      });
      socket.on("error", (error) => resolve(`refused: ${error.message}`));
    });
  }

  it("SECURITY: serves TLS 1.2 and 1.3 with forward secrecy, and nothing older or weaker", async () => {
    expect(await shake({ minVersion: "TLSv1.3" })).toContain("TLSv1.3");
    expect(await shake({ maxVersion: "TLSv1.2" })).toMatch(/^TLSv1.2 ECDHE-.*(GCM|POLY1305)/);
    const old = "DEFAULT@SECLEVEL=0";
    expect(await shake({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: old })).toContain("refused");
    for (const weak of [
      "AES128-SHA",
      "AES256-GCM-SHA384",
      "AES256-SHA256",
      "ECDHE-RSA-AES128-SHA",
      "ECDHE-RSA-AES256-SHA384",
    ]) {
      expect(await shake({ maxVersion: "TLSv1.2", ciphers: `${weak}:@SECLEVEL=0` }), weak).toContain("refused");
    }
  });

  it("SECURITY: sends HSTS and the security headers on every answer, errors included", async () => {
    for (const path of ["/health/live", "/nowhere", "/api/v1/channels", "/api/v1/openapi.json"]) {
      const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
        request({ port, host: "127.0.0.1", path, rejectUnauthorized: false }, (response) => {
          response.resume();
          resolve(response.headers);
        })
          .on("error", reject)
          .end();
      });
      expect(headers["strict-transport-security"], path).toMatch(/max-age=63072000/);
      expect(headers["x-content-type-options"], path).toBe("nosniff");
      expect(headers["content-security-policy"], path).toContain("default-src 'none'");
      expect(headers.server, path).toBeUndefined();
    }
  });
});
