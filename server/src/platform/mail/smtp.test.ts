import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { Secret } from "../../kernel/secret.ts";
import { readCertificate } from "../outbound/hostile-network.ts";
import { createMailer, type Letter, type Mailer, type SmtpServer } from "./index.ts";
import { type SmtpDouble, type SmtpDoubleOptions, startSmtpDouble, type Verb } from "./testing/smtp-double.ts";

const letter: Letter = { to: "ada@example.org", subject: "Grüße", text: "Hi\n.\nBye", html: "<p>Hi</p>" };
const genuine = { key: readCertificate("server.key"), cert: readCertificate("server.cert") };
const expired = { key: readCertificate("server.key"), cert: readCertificate("expired.cert") };
const selfSigned = { key: readCertificate("self-signed.key"), cert: readCertificate("self-signed.cert") };
const credentials = { user: "parley", password: new Secret("pass-word-marker") };
const doubles: SmtpDouble[] = [];

interface Stage {
  readonly double: SmtpDouble;
  readonly mailer: Mailer;
}

async function start(options: SmtpDoubleOptions, server: Partial<SmtpServer>, limitMs = 5_000): Promise<Stage> {
  const double = await startSmtpDouble(options);
  doubles.push(double);
  const mailer = createMailer({
    server: { host: "127.0.0.1", port: double.port, security: "starttls", ...server },
    from: { name: "Parley", address: "no-reply@example.net" },
    dataDir: "/nonexistent",
    clock: systemClock,
    limits: { connectTimeoutMs: limitMs, deadlineMs: limitMs },
    trustedCertificates: [readCertificate("ca.cert")],
  });
  return { double, mailer };
}

async function refusalOf(mailer: Mailer): Promise<{ code: string; message: string }> {
  try {
    await mailer.send(letter);
    return { code: "sent", message: "" };
  } catch (error) {
    return error as { code: string; message: string };
  }
}

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

describe("mail over SMTP", () => {
  it("goes through STARTTLS before anything but the greeting is said", async () => {
    const { double, mailer } = await start({ identity: genuine }, { credentials });
    await mailer.send(letter);
    expect(double.mails).toHaveLength(1);
    expect(double.mails[0]).toMatchObject({ from: "no-reply@example.net", to: ["ada@example.org"], isProtected: true });
    const clear = double.commands.filter((line) => line.startsWith("clear "));
    expect(clear).toEqual(["clear EHLO example.net", "clear STARTTLS"]);
    expect(double.commands.some((line) => line.startsWith("tls AUTH PLAIN"))).toBe(true);
  });

  it("goes through TLS from the start with smtps", async () => {
    const { double, mailer } = await start(
      { identity: genuine, isImplicitTls: true },
      { security: "tls", credentials },
    );
    await mailer.send(letter);
    expect(double.mails[0]?.isProtected).toBe(true);
    expect(double.mails[0]?.message).toContain("Subject: =?UTF-8?");
  });

  it("goes in clear text to this machine only, and then asks for no certificate", async () => {
    const { double, mailer } = await start({ identity: selfSigned }, { security: "none" });
    await mailer.send(letter);
    expect(double.mails[0]).toMatchObject({ to: ["ada@example.org"], isProtected: false });
  });

  it("refuses a server that offers no STARTTLS, before it names anybody or signs in", async () => {
    const { double, mailer } = await start({ answers: { STARTTLS: "502 no" } }, { credentials });
    expect((await refusalOf(mailer)).code).toBe("mail.unavailable");
    expect(double.mails).toEqual([]);
    expect(double.commands.join("\n")).not.toMatch(/AUTH|MAIL|RCPT/);
  });

  it("refuses a server that speaks only HELO, which has no STARTTLS", async () => {
    const { double, mailer } = await start({ answers: { EHLO: "502 no" } }, { credentials });
    expect((await refusalOf(mailer)).code).toBe("mail.unavailable");
    expect(double.commands).toEqual(["clear EHLO example.net"]);
  });

  it("does not take what was said before the handshake for a part of the protected conversation", async () => {
    const injection = "250-evil.example\r\n250-AUTH LOGIN\r\n250 HELP";
    const { double, mailer } = await start({ identity: genuine, injection }, { credentials });
    await mailer.send(letter);
    expect(double.commands.filter((line) => line.includes("AUTH"))).toEqual([
      expect.stringMatching(/^tls AUTH PLAIN /),
    ]);
    expect(double.mails).toHaveLength(1);
  });

  it.each([
    ["self-signed", selfSigned],
    ["expired", expired],
  ])(
    "refuses a %s certificate, with STARTTLS and with smtps, also when the environment would not",
    async (_, identity) => {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
      for (const isImplicitTls of [true, false]) {
        const { double, mailer } = await start(
          { identity, isImplicitTls },
          { security: isImplicitTls ? "tls" : "starttls", credentials },
        );
        const { code, message } = await refusalOf(mailer);
        expect(code).toBe("mail.unavailable");
        expect(message).toMatch(/certificate/);
        expect(double.commands.join("\n")).not.toMatch(/AUTH|MAIL|RCPT/);
      }
    },
  );

  it("refuses a certificate for another name", async () => {
    const { mailer } = await start({ identity: genuine, host: "127.0.0.2" }, { host: "127.0.0.2" });
    const { code, message } = await refusalOf(mailer);
    expect(code).toBe("mail.unavailable");
    expect(message).toMatch(/not in the cert's list|does not match/);
  });

  it("refuses TLS below 1.2", async () => {
    const identity = {
      ...genuine,
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    const { double, mailer } = await start({ identity }, {});
    const { code, message } = await refusalOf(mailer);
    expect(code).toBe("mail.unavailable");
    expect(message).toMatch(/version|protocol/i);
    expect(double.mails).toEqual([]);
  });

  it.each<[Verb]>([["CONNECT"], ["EHLO"], ["MAIL"], ["RCPT"], ["DATA"], ["MESSAGE"]])(
    "says that the server is unavailable when it drops the connection at %s",
    async (verb) => {
      const { mailer } = await start({ answers: { [verb]: "drop" } }, { security: "none" });
      expect((await refusalOf(mailer)).code).toBe("mail.unavailable");
    },
  );

  it.each<[string, Verb]>([
    ["silent", "CONNECT"],
    ["silent", "STARTTLS"],
    ["silent", "MESSAGE"],
    ["drip", "CONNECT"],
    ["drip", "EHLO"],
    ["drip", "MESSAGE"],
  ])("leaves a server that is %s at %s when the time is up", async (answer, verb) => {
    const { mailer } = await start(
      { answers: { [verb]: answer } },
      { security: verb === "STARTTLS" ? "starttls" : "none" },
      300,
    );
    const startedMs = performance.now();
    expect((await refusalOf(mailer)).code).toBe("mail.unavailable");
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it.each<[Verb, string, string]>([
    ["RCPT", "550 5.1.1 nobody here: ada@example.org", "mail.refused"],
    ["MESSAGE", "554 5.7.1 no: ada@example.org", "mail.refused"],
    ["RCPT", "451 4.7.1 later: ada@example.org", "mail.unavailable"],
    ["MAIL", "550 5.7.1 not you: ada@example.org", "mail.unavailable"],
  ])("tells a letter that will never be taken from one that may: %s %s is %s", async (verb, answer, expected) => {
    const { mailer } = await start({ answers: { [verb]: answer } }, { security: "none" });
    const { code, message } = await refusalOf(mailer);
    expect(code).toBe(expected);
    expect(message).not.toContain("ada@example.org");
  });

  it("does not show the password when the server refuses it and repeats it", async () => {
    const encoded = Buffer.from("\0parley\0pass-word-marker").toString("base64");
    const { mailer } = await start(
      { identity: genuine, answers: { AUTH: `535 bad ${encoded} pass-word-marker` } },
      { credentials },
    );
    const error = await refusalOf(mailer);
    expect(error.code).toBe("mail.unavailable");
    expect(`${error.message} ${JSON.stringify(error)} ${String((error as unknown as Error).cause)}`).not.toMatch(
      new RegExp(`pass-word-marker|${encoded}`),
    );
  });

  it("is unavailable when nobody listens, and when a server answers without end", async () => {
    const { double, mailer } = await start({}, { security: "none" });
    await double.close();
    expect((await refusalOf(mailer)).code).toBe("mail.unavailable");
    const flood = await start({ answers: { EHLO: "250-x".repeat(40_000) } }, { security: "none" });
    expect((await refusalOf(flood.mailer)).code).toBe("mail.unavailable");
  });

  it("sends at most four letters at once, and all of them", async () => {
    const busy = await start({ answers: { MESSAGE: "silent" } }, { security: "none" }, 400);
    const sends = Array.from({ length: 6 }, () => refusalOf(busy.mailer));
    await vi.waitFor(() => expect(busy.double.connections()).toBe(4));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(busy.double.connections()).toBe(4);
    await Promise.all(sends);
    expect(busy.double.connections()).toBe(6);
  });

  it("checks the server without sending", async () => {
    const { double, mailer } = await start({ identity: genuine }, { credentials });
    await mailer.check();
    expect(double.mails).toEqual([]);
    expect(double.commands.some((line) => line.includes("AUTH"))).toBe(true);
  });
});
