// Structured logs: one JSON object a line. What could be a secret or a person's words is left out by name, whoever logs it.

import { type DestinationStream, type Logger, pino } from "pino";
import { AppError } from "../../kernel/errors.ts";

export type { Logger } from "pino";

/** Fields that are never written, wherever they stand in what is logged (down to three levels). */
const redactedNames = [
  "authorization",
  "cookie",
  "password",
  "secret",
  "token",
  "credentials",
  "accessToken",
  "appSecret",
  "verifyToken",
  "channelSecret",
  "text",
  "payload",
  "body",
  "content",
  "externalId",
  "name",
  "profile",
  "headers",
  "state",
];

const redactedPaths = redactedNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Some libraries report failures as objects that only look like errors. */
function findMessage(error: unknown): string | undefined {
  const message: unknown =
    typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  return typeof message === "string" ? message.slice(0, 500) : undefined;
}

/** What the log keeps of an error: no values of the request, no SQL parameters. */
export function toLoggedError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: findMessage(error) ?? typeof error };
  const cause = error.cause === undefined ? {} : { cause: toLoggedError(error.cause) };
  const code = error instanceof AppError ? { code: error.code, status: error.status } : {};
  // Where an expected failure was thrown says nothing that its code does not; a bug's stack says everything.
  const isExpected = error instanceof AppError && error.status !== 500;
  const stack = isExpected ? {} : { stack: error.stack };
  return { type: error.name, message: error.message, ...stack, ...code, ...cause };
}

export interface LogOptions {
  readonly level: string;
  readonly destination?: DestinationStream;
}

/** The product's logger. */
export function createLog(options: LogOptions): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: "[redacted]" },
    serializers: { error: toLoggedError, err: toLoggedError },
  };
  // Results go to standard output, the log beside them; written at once, so that nothing is lost at exit.
  return pino(settings, options.destination ?? pino.destination({ dest: 2, sync: true }));
}
