// The failures of the database layer.

import { AppError, defineErrors } from "../../kernel/errors.ts";

export const databaseErrors = defineErrors({
  unavailable: {
    code: "database.unavailable",
    status: 503,
    sentence: "The database cannot be reached. Nothing was changed; try again.",
  },
  rolledBack: {
    code: "database.rolled_back",
    status: 503,
    sentence: "The change did not go through. Nothing was changed; try again.",
  },
  conflict: { code: "database.conflict", status: 409, sentence: "Something with these values exists already." },
  misuse: { code: "database.misuse", status: 500, sentence: "Something went wrong on our side. Nothing was changed." },
  unsafe: {
    code: "database.unsafe",
    status: 500,
    sentence: "The database is not set up so that Parley can keep tenants apart.",
  },
  rolesMissing: {
    code: "database.roles_missing",
    status: 500,
    sentence: "The migrating role may not do all that is needed. The message says which SQL to run.",
  },
  notMigrated: {
    code: "database.not_migrated",
    status: 500,
    sentence: "The database schema is not the one this version needs. Run `parley migrate`.",
  },
});

/** Answers whether trying the same again would fail the same way: anything but a database that went away. */
export function isDeterministic(error: unknown): boolean {
  if (!(error instanceof AppError)) return true;
  const passing: readonly string[] = [databaseErrors.unavailable.code, databaseErrors.rolledBack.code];
  return !passing.includes(error.code) && error.status !== 503;
}
