// SQL as named values. A statement is declared once, at module load, with the scope it may run in; the transaction binds
// the tenant's ids itself as the first parameters, so no caller can pass another tenant's.

import { AppError } from "../../kernel/errors.ts";
import type { Scope, Statement } from "../../kernel/tenant-tx.ts";
import { databaseErrors } from "./errors.ts";

const declared = new Map<string, Statement<unknown>>();

function declare<Row, S extends Scope>(scope: S, name: string, text: string): Statement<Row, S> {
  if (declared.has(name)) throw new AppError(databaseErrors.misuse, { note: `statement ${name} declared twice` });
  // The text becomes one line, of which a comment would take the rest: a condition, say.
  if (text.includes("--")) throw new AppError(databaseErrors.misuse, { note: `statement ${name} has a comment` });
  const statement = { name, text: text.replaceAll(/\s+/g, " ").trim(), scope };
  declared.set(name, statement);
  return statement;
}

function assertMentions(name: string, text: string, patterns: readonly RegExp[]): void {
  for (const pattern of patterns) {
    if (!pattern.test(text)) {
      throw new AppError(databaseErrors.misuse, { note: `statement ${name} lacks ${pattern}` });
    }
  }
}

/**
 * A statement on the rows of one app. Its text must name the tenant columns and use $1 (organisation) and $2 (app);
 * the caller's values begin at $3. Throws `database.misuse` otherwise.
 * SECURITY: the query layer's own tenant filter, independent of row-level security.
 */
export function appStatement<Row>(name: string, text: string): Statement<Row, "app"> {
  assertMentions(name, text, [/\borganisation_id\b/, /\bapp_id\b/, /\$1\b/, /\$2\b/]);
  return declare<Row, "app">("app", name, text);
}

/** A statement on rows of the organisation itself; the caller's values begin at $2. */
export function organisationStatement<Row>(name: string, text: string): Statement<Row, "organisation"> {
  assertMentions(name, text, [/\borganisation_id\b/, /\$1\b/]);
  return declare<Row, "organisation">("organisation", name, text);
}

/** A statement on rows of one person; the caller's values begin at $2. */
export function userStatement<Row>(name: string, text: string): Statement<Row, "user"> {
  assertMentions(name, text, [/\buser_id\b/, /\$1\b/]);
  return declare<Row, "user">("user", name, text);
}

/**
 * A look-up that spans tenants: only a call of a `parley_...` function, which the schema defines as returning ids.
 * The caller's values begin at $1.
 */
export function systemStatement<Row>(name: string, text: string): Statement<Row, "system"> {
  assertMentions(name, text, [/^\s*select [^;]* from parley_[a-z_]+\([^;]*\)\s*$/]);
  return declare<Row, "system">("system", name, text);
}

/** Every declared statement: for tests that read the system. */
export function listStatements(): readonly Statement<unknown>[] {
  return [...declared.values()];
}
