// A database with people in it, and everything the flows of identity take: for their integration tests. Hashing is at its
// floor, and the clock of codes is moved by hand.

import type { UserActor } from "../../../kernel/actor.ts";
import { createManualClock } from "../../../kernel/clock.ts";
import type { SessionId, UserId } from "../../../kernel/ids.ts";
import type { Origin } from "../../../kernel/operation.ts";
import { Secret } from "../../../kernel/secret.ts";
import { drawBytes } from "../../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { createMemoryLog } from "../../../platform/http/testing.ts";
import { InstallationKeys, type Sealer, toKeyRing } from "../../keys/index.ts";
import { Afterwards } from "../afterwards.ts";
import type { AccountCaller, FactorDemand, IdentityOperationDeps } from "../deps.ts";
import { SoftwareAuthenticator } from "../factors/testing/software-authenticator.ts";
import { PasswordJudge } from "../passwords/judge-password.ts";
import { PasswordHasher } from "../passwords/password-hasher.ts";
import { StrengthMeter } from "../passwords/strength-meter.ts";
import { findSession, type SignInMethod } from "../sessions/sessions.ts";
import { startSession } from "../sessions/start-session.ts";
import { SignInThrottle } from "../throttling/sign-in-throttle.ts";
import { toEmail } from "../users/email.ts";
import { createUser } from "../users/users.ts";

export const site = { rpId: "parley.example", rpName: "Parley", origin: "https://parley.example" };
export const password = "correct horse battery staple";
export const operator = { kind: "operator", command: "test" } as const;

/** How a stranger's request comes. */
export const from: Origin = { address: "203.0.113.9", userAgent: "Mozilla/5.0 Firefox/140.0", deviceToken: undefined };
export const mark = { requestId: "req-1", origin: from, operation: "test" };

export interface Person {
  readonly userId: UserId;
  readonly email: string;
}

export interface Scene {
  readonly db: TestDatabase;
  readonly deps: IdentityOperationDeps;
  readonly sealer: Sealer;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly log: ReturnType<typeof createMemoryLog>;
  /** What the organisations ask for. */
  demand: FactorDemand;
  /** Told addresses and names, as the organisations' copies would be. */
  readonly profiles: { userId: UserId; email: string; name: string }[];
  addPerson(options?: { password?: string | undefined; email?: string; name?: string }): Promise<Person>;
  /** A session as one would have it after signing in with `methods`. */
  enter(person: Person, methods?: readonly SignInMethod[], origin?: Origin): Promise<Entered>;
  /** The letters stored so far, oldest first. */
  listLetters(): Promise<{ to: string; subject: string; text: string }[]>;
  isAlive(token: Secret<string>): Promise<boolean>;
  close(): Promise<void>;
}

export interface Entered {
  readonly caller: AccountCaller;
  readonly sessionId: SessionId;
  readonly token: Secret<string>;
  readonly device: string | undefined;
}

/** The caller as the guards would make it of this session right now. */
async function toCaller(scene: Scene, token: Secret<string>): Promise<AccountCaller> {
  const session = await findSession(scene.db.database, token.reveal());
  if (session === undefined) throw new TypeError("the session does not live");
  const { userId, sessionId, steppedUpSecondsAgo } = session;
  const isSteppedUp = steppedUpSecondsAgo !== undefined && steppedUpSecondsAgo <= 600;
  const actor: UserActor = { kind: "user", userId, sessionId, scopes: [], isSteppedUp };
  return { ...mark, actor };
}

async function enter(
  scene: Scene,
  person: Person,
  how: { methods: readonly SignInMethod[]; origin: Origin },
): Promise<Entered> {
  const { sessionId, tokens } = await scene.db.database.withBatch(operator, (batch) =>
    startSession(batch, { ...mark, ...how, userId: person.userId, sealer: scene.sealer }, scene.deps),
  );
  const token = tokens.session;
  return { caller: await toCaller(scene, token), sessionId, token, device: tokens.device?.reveal() };
}

async function listLetters({ db, sealer }: Scene): Promise<{ to: string; subject: string; text: string }[]> {
  const rows = await db.asAdmin<{ letter_id: string; content: Buffer }>(
    "select letter_id, content from letters order by created_at, letter_id",
  );
  return rows.map((row) => {
    const field = { table: "letters", column: "content", row: row.letter_id.replaceAll("-", "") };
    return JSON.parse(sealer.open(field, row.content).toString("utf8")) as {
      to: string;
      subject: string;
      text: string;
    };
  });
}

async function addPerson(
  { db, deps, sealer }: Scene,
  options: { password?: string | undefined; email?: string; name?: string },
): Promise<Person> {
  const email = options.email ?? `person-${drawBytes(6).toString("hex")}@example.org`;
  const wanted = "password" in options ? options.password : password;
  const passwordHash = wanted === undefined ? undefined : await deps.hasher.hash(wanted);
  const user = { email: toEmail(email), name: options.name ?? "Pat Example", passwordHash };
  const userId = await db.database.withBatch(operator, (batch) => createUser(batch, user, sealer));
  return { userId, email };
}

/** Opens a scene. Close it when the file is done. */
export async function openScene(): Promise<Scene> {
  const db = await createTestDatabase();
  const clock = createManualClock(Date.now());
  const ring = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  const installation = new InstallationKeys({ database: db.database, provider: ring.provider, clock });
  const log = createMemoryLog();
  const afterwards = new Afterwards(log);
  const judge = new PasswordJudge(new StrengthMeter({ waitingMax: 100 }));
  const pepper = new Secret(drawBytes(32));
  const parameters = { memoryKib: 19_456, passes: 2 };
  const hasher = new PasswordHasher({ pepper, parameters, runningMax: 2, waitingMax: 100 });
  const scene: Scene = {
    ...{ db, clock, log, profiles: [], demand: { policy: "optional" } },
    sealer: await installation.sealer(),
    deps: {
      ...{ database: db.database, installation, pepper, hasher, judge, site, afterwards, clock },
      publicUrl: site.origin,
      throttle: new SignInThrottle({ clock }),
      limitsFor: async () => ({ idleMinutes: 60, hours: 24 }),
      contextWordsFor: async () => ["Zephyrine Industries"],
      factorsRequired: async () => scene.demand,
      placesFor: async () => [],
      issueForgeryToken: (sessionId) => `forgery-${sessionId}`,
      profileChanged: async (_batch, userId, profile) => {
        scene.profiles.push({ userId, ...profile });
      },
    },
    addPerson: (options = {}) => addPerson(scene, options),
    enter: (person, methods = ["password"], origin = from) => enter(scene, person, { methods, origin }),
    listLetters: () => listLetters(scene),
    isAlive: async (token) => (await findSession(db.database, token.reveal())) !== undefined,
    close: async () => {
      await afterwards.settle();
      await judge.close();
      await db.close();
    },
  };
  return scene;
}

/** Runs `work` so many times at once and returns what each came to: its value, or the code it was refused with. */
export async function race<T>(
  times: number,
  work: (index: number) => Promise<T>,
): Promise<{ won: T[]; codes: string[] }> {
  const results = await Promise.allSettled(Array.from({ length: times }, (_, index) => work(index)));
  const won = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const codes = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason?.code)] : []));
  return { won, codes };
}

/** The token in the last link of a letter. */
export function readToken(text: string): string {
  return /[?&]token=([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? "";
}

/** A device that makes passkeys for this site. */
export function createDevice(): SoftwareAuthenticator {
  return new SoftwareAuthenticator(site);
}
