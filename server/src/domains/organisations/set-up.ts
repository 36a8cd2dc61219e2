// The first run: whoever holds the code that the empty server printed makes the organisation, its first app and its owner,
// in one transaction, exactly once. From then on there is nothing to set up, for whichever code.

import type { Actor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { AppId, OrganisationId, Tenant } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { BatchTx, Database, TenantTx } from "../../platform/db/index.ts";
import { recordAudit } from "../audit/index.ts";
import {
  createUser,
  type StartedSession,
  startSession,
  toContextWords,
  toEmail,
  toPersonName,
} from "../identity/index.ts";
import type { Sealer } from "../keys/index.ts";
import { addApp, foundOrganisation } from "./create.ts";
import { type Mark, type OrganisationDeps, toNote } from "./deps.ts";
import { organisationErrors } from "./errors.ts";
import { toPlaceName } from "./names.ts";
import { limitsFor } from "./places.ts";
import { isSetupCode, useSetupCode } from "./setup-code.ts";
import { beginSetUpSql, insertOrganisation, isEmptySql } from "./store.ts";

/** Answers whether nobody lives here yet. */
export async function isSetUpOpen(reader: Pick<Database, "lookUp">): Promise<boolean> {
  return (await reader.lookUp(isEmptySql))[0]?.is_empty === true;
}

/** Throws `organisations.nothing_to_set_up` once anybody lives here (CVE-2026-34723). */
export async function assertSetUpOpen(reader: Pick<Database, "lookUp">): Promise<void> {
  if (!(await isSetUpOpen(reader))) throw new AppError(organisationErrors.nothingToSetUp);
}

/**
 * Uses the code up, in the transaction that sets up.
 * SECURITY: of any number of callers and codes, one finds the installation empty.
 */
async function begin(batch: BatchTx, code: string, sealer: Sealer): Promise<void> {
  const isEmpty = (await batch.lookUp(beginSetUpSql))[0]?.is_empty === true;
  if (!isEmpty) throw new AppError(organisationErrors.nothingToSetUp);
  if (!(await useSetupCode(batch, code, sealer))) throw new AppError(organisationErrors.wrongSetupCode);
}

export interface SetUpInput {
  readonly code: string;
  readonly organisationName: string;
  readonly appName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface SetUpResult {
  readonly organisationId: OrganisationId;
  readonly appId: AppId;
  readonly started: StartedSession;
}

/** The password's hash, once nothing else is wrong. Judged and hashed without holding a connection. */
async function toPasswordHash(deps: OrganisationDeps, input: SetUpInput): Promise<string> {
  const { organisationName: organisation, appName: app, name: personName, email, password } = input;
  const contextWords = toContextWords({ organisation, app, personName, email });
  await deps.judge.assertAcceptable(password, { hasSecondFactor: false, contextWords });
  return deps.hasher.hash(password);
}

/**
 * Sets the installation up. Throws `organisations.nothing_to_set_up`, `organisations.wrong_setup_code`,
 * `identity.weak_password`, `identity.email_invalid`, `identity.name_invalid`, `organisations.invalid_name`; then nothing
 * was made and the code still works.
 */
export async function setUp(deps: OrganisationDeps, input: SetUpInput, mark: Mark): Promise<SetUpResult> {
  await assertSetUpOpen(deps.database);
  const sealer = await deps.installation.sealer();
  if (!(await isSetupCode(deps.database, input.code, sealer))) throw new AppError(organisationErrors.wrongSetupCode);
  const [email, name] = [toEmail(input.email), toPersonName(input.name)];
  const organisationName = toPlaceName(input.organisationName, "organisationName");
  const appName = toPlaceName(input.appName, "appName");
  const passwordHash = await toPasswordHash(deps, input);
  return deps.database.withBatch({ kind: "anonymous" }, async (batch) => {
    await begin(batch, input.code, sealer);
    const userId = await createUser(batch, { email, name, passwordHash }, sealer);
    const tx = await foundOrganisation(batch, { name: organisationName, owner: { userId, email, name } }, sealer);
    const appId = await addApp(tx, deps.provider, appName);
    await recordAudit(tx, toNote(mark, "installation.set_up", { appId, userId }));
    const methods = ["password", "setup"] as const;
    const started = await startSession(batch, { ...mark, userId, methods, sealer }, { ...deps, limitsFor });
    return { organisationId: tx.organisationId, appId, started };
  });
}

export interface MachineSetUp {
  readonly code: string;
  readonly organisationName: string;
  readonly appName: string;
  readonly actor: Actor;
}

/**
 * Sets an installation up for machines alone: an organisation and an app without a person. `finish` does the rest in the
 * same transaction: it records what was done and issues the first token.
 */
export async function setUpForMachine<T>(
  deps: Pick<OrganisationDeps, "database" | "installation" | "provider">,
  input: MachineSetUp,
  finish: (tx: TenantTx) => Promise<T>,
): Promise<{ readonly tenant: Tenant; readonly finished: T }> {
  const sealer = await deps.installation.sealer();
  const organisationName = toPlaceName(input.organisationName, "organisation");
  return deps.database.withBatch(input.actor, async (batch) => {
    await begin(batch, input.code, sealer);
    const tx = batch.enterOrganisation(newId("organisation"));
    await insertOrganisation(tx, organisationName);
    const appId = await addApp(tx, deps.provider, input.appName);
    const tenant = { organisationId: tx.organisationId, appId };
    return { tenant, finished: await finish(batch.enter(tenant)) };
  });
}
