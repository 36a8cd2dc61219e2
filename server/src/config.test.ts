import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Environment, readConfig, settings } from "./config.ts";
import { AppError } from "./kernel/errors.ts";

function mistakesOf(environment: Environment): readonly { path: string; message: string }[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    return error instanceof AppError ? error.mistakes : [];
  }
}

describe("config", () => {
  it("has a value for everything that is not optional", () => {
    const config = readConfig({});
    expect(config.PARLEY_PORT).toBe(8080);
    expect(config.PARLEY_HOST).toBe("127.0.0.1");
  });

  it.each([
    ["PARLEY_PORT", "eighty"],
    ["PARLEY_PORT", "70000"],
    ["PARLEY_PORT", "1e3"],
    ["PARLEY_LOG_LEVEL", "loud"],
    ["DATABASE_URL", "mysql://x"],
    ["PARLEY_OUTBOUND_ALLOW", "nothing"],
    ["PARLEY_TRUSTED_PROXIES", "everyone"],
    ["PARLEY_WHATSAPP_API_URL", "ftp://x"],
    ["PARLEY_METRICS_TOKEN", "short"],
    ["PARLEY_SMTP_URL", "http://mail.example.org"],
    ["PARLEY_SMTP_URL", "smtps://mail.example.org?tls.rejectUnauthorized=false"],
    ["PARLEY_MAIL_FROM", "Parley <a@example.org>, <b@example.org>"],
    ["PARLEY_TYPO", "1"],
  ])("names %s when it is %s", (name, value) => {
    expect(mistakesOf({ [name]: value }).map((mistake) => mistake.path)).toEqual([name]);
  });

  it.each(["0.0.0.0", "::", "192.168.1.5", "example.org"])("refuses %s without TLS or a declared proxy", (host) => {
    const [mistake] = mistakesOf({ PARLEY_HOST: host });
    expect(mistake?.message).toContain("Set PARLEY_TLS_CERT");
    expect(mistakesOf({ PARLEY_HOST: host, PARLEY_TRUSTED_PROXIES: "10.0.0.0/8" })).toEqual([]);
  });

  it("reads a file, and lets the environment win", () => {
    const file = join(mkdtempSync(join(tmpdir(), "parley-config-")), "parley.env");
    writeFileSync(file, "PARLEY_PORT=9000\nPARLEY_LOG_LEVEL=warn\n");
    const config = readConfig({ PARLEY_CONFIG_FILE: file, PARLEY_PORT: "9001" });
    expect([config.PARLEY_PORT, config.PARLEY_LOG_LEVEL]).toEqual([9001, "warn"]);
  });

  it("wants a sender with a mail server, and repeats no password of a mistaken address", () => {
    const address = "smtps://parley:pass-marker@mail.example.org";
    expect(mistakesOf({ PARLEY_SMTP_URL: address }).map((mistake) => mistake.path)).toEqual(["PARLEY_MAIL_FROM"]);
    expect(JSON.stringify(mistakesOf({ PARLEY_SMTP_URL: `${address}/path` }))).not.toContain("pass-marker");
    const config = readConfig({ PARLEY_SMTP_URL: address, PARLEY_MAIL_FROM: "Parley <no-reply@example.org>" });
    expect(config.PARLEY_SMTP_URL).toMatchObject({ host: "mail.example.org", port: 465, security: "tls" });
    expect(config.PARLEY_MAIL_FROM).toEqual({ name: "Parley", address: "no-reply@example.org" });
    expect(JSON.stringify(config)).not.toContain("pass-marker");
  });

  it("gives no secret a default", () => {
    const secrets = Object.values(settings).filter((setting) => "isSecret" in setting && setting.isSecret);
    expect(secrets.length).toBeGreaterThan(2);
    expect(secrets.every((setting) => setting.usual === undefined)).toBe(true);
  });
});
