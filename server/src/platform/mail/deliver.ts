// Hands one message to the mail server. Nothing is said over a connection that is not as protected as the setting asks;
// certificates are verified, and a slow or silent server is left when the time is up.

import { getCACertificates } from "node:tls";
import SmtpConnection from "nodemailer/lib/smtp-connection";
import { AppError } from "../../kernel/errors.ts";
import { mailErrors } from "./errors.ts";
import type { SmtpServer } from "./smtp-server.ts";

export interface DeliveryLimits {
  /** For reaching the server, its greeting and the handshake. */
  readonly connectTimeoutMs: number;
  /** For everything together. */
  readonly deadlineMs: number;
}

export interface Delivery {
  readonly server: SmtpServer;
  readonly limits: DeliveryLimits;
  /** PEM, trusted besides the usual authorities. */
  readonly trustedCertificates: readonly string[];
  /** The domain this server greets with. */
  readonly clientName: string;
}

export interface Parcel {
  readonly from: string;
  readonly to: string;
  readonly message: Buffer;
}

const quitTimeoutMs = 1_000;

function open({ server, limits, trustedCertificates, clientName }: Delivery): SmtpConnection {
  const ca = trustedCertificates.length > 0 ? [...getCACertificates("default"), ...trustedCertificates] : undefined;
  return new SmtpConnection({
    host: server.host,
    port: server.port,
    name: clientName,
    secure: server.security === "tls",
    // SECURITY: without STARTTLS nothing is sent, except to this machine itself.
    requireTLS: server.security === "starttls",
    ignoreTLS: server.security === "none",
    // SECURITY: the certificate is verified whatever the environment says, and TLS is 1.2 at least.
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: limits.connectTimeoutMs,
    greetingTimeout: limits.connectTimeoutMs,
    dnsTimeout: limits.connectTimeoutMs,
    socketTimeout: limits.deadlineMs,
    socketCloseTimeout: 0,
    maxResponseSize: 64 * 1024,
    allowInternalNetworkInterfaces: true,
  });
}

/** Rejects when the connection fails, ends, or the time is up. */
function failureOf(connection: SmtpConnection, deadlineMs: number): { promise: Promise<never>; clear(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(fail("the server took too long")), deadlineMs);
  connection.on("error", reject);
  connection.on("end", () => reject(fail("the server closed the connection")));
  return { promise, clear: () => clearTimeout(timer) };
}

function fail(note: string): AppError {
  return new AppError(mailErrors.unavailable, { note });
}

type Done = (error?: Error | null, result?: unknown) => void;

function step(run: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}

async function greet(connection: SmtpConnection, server: SmtpServer): Promise<void> {
  await step((done) => connection.connect(done));
  if (server.security !== "none" && !connection.secure) throw fail("the connection is not protected");
  const { credentials } = server;
  if (credentials === undefined) return;
  const login = { user: credentials.user, pass: credentials.password.reveal() };
  await step((done) => connection.login(login, done));
}

interface SmtpFailure {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/** What the log may know. The server's words are left out: they repeat the address, sometimes more. */
function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code = "", command = "", responseCode } = error as SmtpFailure;
  const words = responseCode === undefined && error instanceof Error ? error.message : "";
  const note = [code, command, responseCode, words].filter((part) => part !== undefined && part !== "").join(" ");
  const isPermanent = (responseCode ?? 0) >= 500 && /^(?:RCPT TO|DATA)$/.test(command);
  return new AppError(isPermanent ? mailErrors.refused : mailErrors.unavailable, { note });
}

async function converse(delivery: Delivery, work: (connection: SmtpConnection) => Promise<void>): Promise<void> {
  const connection = open(delivery);
  const failure = failureOf(connection, delivery.limits.deadlineMs);
  const conversation = async (): Promise<void> => {
    await greet(connection, delivery.server);
    await work(connection);
  };
  try {
    await Promise.race([failure.promise, conversation()]);
    connection.quit();
    setTimeout(() => connection.close(), quitTimeoutMs).unref();
  } catch (error) {
    connection.close();
    throw toAppError(error);
  } finally {
    failure.clear();
  }
}

/** Hands over one message. Throws `mail.refused` when the server will never take it, else `mail.unavailable`. */
export async function deliver(delivery: Delivery, { from, to, message }: Parcel): Promise<void> {
  const envelope = { from, to: [to], size: message.length };
  await converse(delivery, (connection) => step((done) => connection.send(envelope, message, done)));
}

/** Greets the server, signs in and leaves. Throws `mail.unavailable` with the reason in its note. */
export async function checkServer(delivery: Delivery): Promise<void> {
  await converse(delivery, async () => {});
}
