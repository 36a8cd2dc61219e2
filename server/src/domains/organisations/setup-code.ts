// The single-use code that lets the first person in, printed by a server that nobody lives in yet.

import { Secret } from "../../kernel/secret.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import type { Database } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import { keepSecret, readSecret, type SecretReader, useSecret } from "../secrets/index.ts";
import { hasOrganisationsSql } from "./store.ts";

/** Answers whether any organisation exists. */
export async function hasOrganisations(database: Pick<Database, "lookUp">): Promise<boolean> {
  return (await database.lookUp(hasOrganisationsSql))[0]?.found === true;
}

function toSpelling(code: string): string {
  return code.trim().toUpperCase();
}

/** A setup code: 25 letters and digits in groups of five, 125 bits. Only its hash is kept. */
export async function issueSetupCode(reader: SecretReader, sealer: Sealer): Promise<string> {
  // Crockford's base 32: nothing that is misread on paper.
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const letters = [...drawBytes(25)].map((byte) => alphabet[byte & 31]).join("");
  const code = letters.match(/.{5}/g)?.join("-") ?? "";
  await keepSecret(reader, new Secret(code), { purpose: "setup", sealer });
  return code;
}

/** Answers whether a code would work, without using it up. */
export async function isSetupCode(reader: SecretReader, code: string, sealer: Sealer): Promise<boolean> {
  return (await readSecret(reader, { secret: toSpelling(code), purpose: "setup", sealer })) !== undefined;
}

/** Uses a code up. True for exactly one caller, and never again. */
export async function useSetupCode(reader: SecretReader, code: string, sealer: Sealer): Promise<boolean> {
  return (await useSecret(reader, { secret: toSpelling(code), purpose: "setup", sealer })) !== undefined;
}
