// The single-use code that lets the first person in, printed by a server that nobody lives in yet.

import { sha256 } from "../../platform/crypto/hmac.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import { type Database, systemStatement } from "../../platform/db/index.ts";

const hasOrganisationsSql = systemStatement<{ found: boolean }>(
  "organisations.has_any",
  "select found from parley_has_organisations()",
);

const keepSetupCodeSql = systemStatement<{ kept: boolean }>(
  "organisations.keep_setup_code",
  "select kept from parley_keep_setup_code($1)",
);

const useSetupCodeSql = systemStatement<{ used: boolean }>(
  "organisations.use_setup_code",
  "select used from parley_use_setup_code($1)",
);

/** Answers whether any organisation exists. */
export async function hasOrganisations(database: Database): Promise<boolean> {
  return (await database.lookUp(hasOrganisationsSql))[0]?.found === true;
}

/** A setup code: 25 letters and digits in groups of five, 125 bits. Only its hash is kept. */
export async function issueSetupCode(database: Database): Promise<string> {
  // Crockford's base 32: nothing that is misread on paper.
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const letters = [...drawBytes(25)].map((byte) => alphabet[byte & 31]).join("");
  const code = letters.match(/.{5}/g)?.join("-") ?? "";
  await database.lookUp(keepSetupCodeSql, [sha256(code)]);
  return code;
}

/** Uses a code up. True for exactly one caller, and never again. */
export async function useSetupCode(database: Database, code: string): Promise<boolean> {
  return (await database.lookUp(useSetupCodeSql, [sha256(code.trim().toUpperCase())]))[0]?.used === true;
}
