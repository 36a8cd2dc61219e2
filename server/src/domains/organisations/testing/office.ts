// A stage for tests of organisations: a real database behind the real interface, and people who call it with their own
// sessions, past every guard.

import { issueForgeryToken } from "../../../api/forgery.ts";
import { buildApi } from "../../../api/index.ts";
import { rateTable } from "../../../api/rate-limits.ts";
import { createAuthenticate } from "../../../authenticate.ts";
import { systemClock } from "../../../kernel/clock.ts";
import type { AppId, OrganisationId, SessionId, UserId } from "../../../kernel/ids.ts";
import type { Operation } from "../../../kernel/operation.ts";
import { Secret } from "../../../kernel/secret.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { createMemoryLog, createTestServer } from "../../../platform/http/testing.ts";
import { recordAudit, recordPersonAudit } from "../../audit/index.ts";
import { createUser, issueSession, toEmail } from "../../identity/index.ts";
import { PasswordJudge } from "../../identity/passwords/judge-password.ts";
import { PasswordHasher } from "../../identity/passwords/password-hasher.ts";
import { InstallationKeys, Keychain, type Sealer, toKeyRing } from "../../keys/index.ts";
import { foundOrganisation } from "../create.ts";
import type { OrganisationDeps } from "../deps.ts";
import { createOrganisationOperations } from "../operations/index.ts";
import { addUser } from "../people/copies.ts";
import { replaceGrants } from "../people/grant-store.ts";
import { type GrantWish, readGrants } from "../people/read-grants.ts";

export const operator = { kind: "operator", command: "test" } as const;
export const goodPassword = "vivid copper lantern orchard";

/** Somebody with a session in which a second factor was just shown. */
export interface Person {
  readonly userId: UserId;
  readonly email: string;
  readonly sessionId: SessionId;
  readonly session: string;
}

export interface Place {
  readonly organisationId?: OrganisationId | undefined;
  readonly appId?: AppId | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly code: unknown;
  readonly cookies: readonly string[];
}

export interface StoredLetter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Office {
  readonly db: TestDatabase;
  readonly deps: OrganisationDeps;
  readonly pepper: Secret<Buffer>;
  readonly keychain: Keychain;
  readonly operations: readonly Operation[];
  sealer(): Promise<Sealer>;
  addPerson(name?: string): Promise<Person>;
  signIn(userId: UserId, isSteppedUp?: boolean): Promise<Pick<Person, "sessionId" | "session">>;
  /** An organisation with its owner. */
  found(owner: Person, name?: string): Promise<OrganisationId>;
  /** Another user of the organisation. */
  addMember(organisationId: OrganisationId, grants: readonly GrantWish[], name?: string): Promise<Person>;
  /** Calls an operation over the interface, with the person's cookie or without. */
  call(
    who: Pick<Person, "session" | "sessionId"> | undefined,
    name: string,
    input?: object,
    place?: Place,
  ): Promise<Answer>;
  /** The letters on their way, oldest first. */
  listLetters(): Promise<StoredLetter[]>;
  close(): Promise<void>;
}

let people = 0;

function toRequest(operation: Operation, input: Readonly<Record<string, unknown>>) {
  const left = new Map(Object.entries(input));
  const url = operation.path.replaceAll(/\{([A-Za-z]+)\}/g, (_all, field: string) => {
    const value = left.get(field);
    left.delete(field);
    return String(value);
  });
  if (operation.body !== undefined) return { url, payload: Object.fromEntries(left) };
  const query = new URLSearchParams(
    [...left].map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return { url: query === "" ? url : `${url}?${query}` };
}

/** Sets the stage. */
export async function createOffice(): Promise<Office> {
  const db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  const clock = systemClock;
  const pepper = new Secret(drawBytes(32));
  const installation = new InstallationKeys({ database: db.database, provider, clock });
  const keychain = new Keychain({ database: db.database, provider, clock });
  const judge = new PasswordJudge();
  const hasher = new PasswordHasher({ pepper, parameters: { memoryKib: 19_456, passes: 2, lanes: 1 } });
  const publicUrl = "https://parley.example";
  const deps = { database: db.database, installation, provider, clock, publicUrl, judge, hasher };
  const operations = createOrganisationOperations(deps);
  const log = createMemoryLog();
  const server = createTestServer({ log });
  const figures = { perCaller: 100_000, perTenant: 100_000, seconds: 60 };
  server.mount(
    buildApi({
      ...{ operations, database: db.database, keychain, pepper, log, publicOrigin: publicUrl },
      authenticate: createAuthenticate({ database: db.database, pepper, clock }),
      recordAudit: (tx, entry) =>
        "userId" in tx ? recordPersonAudit(tx.batch, tx.userId, entry) : recordAudit(tx, entry),
      rateTable: {
        ...rateTable,
        read: figures,
        write: figures,
        send: figures,
        failures: { perNetwork: 100_000, seconds: 60 },
      },
    }),
  );
  const sealer = () => installation.sealer();

  const signIn: Office["signIn"] = async (userId, isSteppedUp = true) => {
    const limits = { idleMinutes: 60, hours: 24 };
    const origin = { address: "192.0.2.1", userAgent: "", deviceToken: undefined };
    const session = { methods: ["password"], isSteppedUp, limits, origin, sealer: await sealer() } as const;
    const words = { device: "Firefox on Linux", network: "192.0.2.0/24" };
    const { sessionId, token } = await db.database.withUser(operator, userId, (tx) =>
      issueSession(tx, { ...session, ...words }),
    );
    return { sessionId, session: token.reveal() };
  };

  const addPerson: Office["addPerson"] = async (name = "Ada") => {
    people += 1;
    const email = toEmail(`person${people}@example.com`);
    const opened = await sealer();
    const userId = await db.database.withBatch(operator, (batch) => createUser(batch, { email, name }, opened));
    return { userId, email, ...(await signIn(userId)) };
  };

  const found: Office["found"] = async (owner, name = "Acme") => {
    const opened = await sealer();
    const person = { userId: owner.userId, email: toEmail(owner.email), name: "Owner" };
    return db.database.withBatch(operator, async (batch) => {
      return (await foundOrganisation(batch, { name, owner: person }, opened)).organisationId;
    });
  };

  const addMember: Office["addMember"] = async (organisationId, wishes, name = "Grace") => {
    const person = await addPerson(name);
    const opened = await sealer();
    await db.database.withOrganisation(operator, organisationId, async (tx) => {
      await addUser(tx, { userId: person.userId, email: toEmail(person.email), name }, opened);
      await replaceGrants(tx, person.userId, await readGrants(tx, wishes));
    });
    return person;
  };

  const call: Office["call"] = async (who, name, input = {}, place = {}) => {
    const operation = operations.find((one) => one.name === name);
    if (operation === undefined) throw new TypeError(`no operation ${name}`);
    const headers: Record<string, string> = { "sec-fetch-site": "same-origin" };
    if (who !== undefined) {
      headers["cookie"] = `__Host-parley=${who.session}`;
      headers["x-parley-csrf"] = issueForgeryToken(pepper, who.sessionId);
    }
    if (place.organisationId !== undefined) headers["parley-organisation"] = place.organisationId;
    if (place.appId !== undefined) headers["parley-app"] = place.appId;
    const request = toRequest(operation, input as Record<string, unknown>);
    const answer = await server.inject({ method: operation.method, headers, ...request });
    const body: Record<string, unknown> = answer.body === "" ? {} : answer.json();
    const cookies = [answer.headers["set-cookie"] ?? []].flat().map(String);
    return { status: answer.statusCode, body, code: body["code"], cookies };
  };

  const listLetters: Office["listLetters"] = async () => {
    const opened = await sealer();
    const rows = await db.asAdmin<{ letter_id: string; content: Buffer }>(
      "select letter_id, content from letters order by letter_id",
    );
    return rows.map(({ letter_id: uuid, content }) => {
      const field = { table: "letters", column: "content", row: uuid.replaceAll("-", "") };
      return JSON.parse(opened.open(field, content).toString("utf8")) as StoredLetter;
    });
  };

  const close = async (): Promise<void> => {
    await judge.close();
    installation.close();
    keychain.close();
    await db.close();
  };
  return {
    db,
    deps,
    pepper,
    keychain,
    operations,
    sealer,
    addPerson,
    signIn,
    found,
    addMember,
    call,
    listLetters,
    close,
  };
}

/** The token in the link of a letter. */
export function readToken(letter: StoredLetter | undefined): string {
  return /\/invitation\/([A-Za-z0-9_-]{43})/.exec(letter?.text ?? "")?.[1] ?? "";
}
