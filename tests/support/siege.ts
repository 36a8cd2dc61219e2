// An installation under siege, in a time that tests move: the operations about people as the composition root wires them,
// on a real database. Three things differ from a server's: passwords are hashed at the floor of what is allowed, so that
// thousands of guesses fit into a test; the limit of requests a minute is out of the way, because it would stop an attacker
// before the throttle does; and time passes at once, for the counters in memory by their clock, for those in the database
// by moving what they wait for.

import { buildApi, forgeryHeader, issueForgeryToken, RateLimits } from "../../server/src/api/index.ts";
import { createAuthenticate } from "../../server/src/authenticate.ts";
import { readConfig } from "../../server/src/config.ts";
import { recordAudit, recordPersonAudit } from "../../server/src/domains/audit/index.ts";
import { SoftwareAuthenticator } from "../../server/src/domains/identity/factors/testing/software-authenticator.ts";
import { PasswordHasher } from "../../server/src/domains/identity/index.ts";
import { createPeopleStage, type PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { createManualClock } from "../../server/src/kernel/clock.ts";
import { parseId, toUuid, type UserId } from "../../server/src/kernel/ids.ts";
import { createPeople, listPeopleOperations, type People } from "../../server/src/people.ts";
import type { HttpServer } from "../../server/src/platform/http/index.ts";
import { createTestServer } from "../../server/src/platform/http/testing.ts";
import { createLog } from "../../server/src/platform/log/log.ts";
import { createOutboundClient } from "../../server/src/platform/outbound/index.ts";

const publicUrl = "https://parley.example";
const unlimited = { perCaller: 10_000_000, perTenant: 10_000_000, seconds: 60 };
export const password = "vivid copper lantern orchard";

export interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly retryAfterSeconds: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The values it gave cookies, by name. */
  readonly cookies: Readonly<Record<string, string>>;
}

export interface Sender {
  readonly address: string;
  readonly device?: string | undefined;
  readonly session?: string | undefined;
  readonly csrf?: string | undefined;
}

/** Somebody at home: with a session, a device that signed in before and, if they like, a passkey. */
export interface Owner {
  readonly userId: UserId;
  readonly email: string;
  readonly session: string;
  readonly device: string;
  readonly passkey: SoftwareAuthenticator;
}

const home = "192.0.2.10";

export class Siege {
  readonly stage: PeopleStage;
  readonly people: People;
  readonly clock = createManualClock(Date.now());
  readonly #server: HttpServer;

  constructor(stage: PeopleStage) {
    const { db, provider, pepper, installation, keychain } = stage;
    this.stage = stage;
    const log = createLog({ level: "silent" });
    const config = readConfig({ PARLEY_PUBLIC_URL: publicUrl });
    const core = {
      config,
      log,
      clock: this.clock,
      database: db.database,
      provider,
      pepper,
      installation,
    };
    const people = createPeople(core, createOutboundClient({ allow: [], clock: this.clock }));
    const hasher = new PasswordHasher({ pepper, parameters: { memoryKib: 19_456, passes: 2 }, waitingMax: 1_000 });
    this.people = { ...people, identity: { ...people.identity, hasher } };
    this.#server = createTestServer({ log });
    this.#server.mount(
      buildApi({
        operations: listPeopleOperations(this.people),
        authenticate: createAuthenticate({ database: db.database, pepper, clock: this.clock }),
        rateLimits: new RateLimits({
          ...{ read: unlimited, write: unlimited, send: unlimited },
          failures: { perNetwork: 10_000_000, seconds: 60 },
        }),
        recordAudit: (tx, entry) =>
          "userId" in tx ? recordPersonAudit(tx.batch, tx.userId, entry) : recordAudit(tx, entry),
        ...{ database: db.database, keychain, pepper, log, publicOrigin: publicUrl },
      }),
    );
  }

  /** Time passes: in memory and in the database. Sessions stay as they are; their owners are using them. */
  async passTime(ms: number): Promise<void> {
    this.clock.advance(ms);
    const earlier = (column: string): string => `${column} = ${column} - make_interval(secs => $1)`;
    const locks = ["password_locked_until", "factor_locked_until"].map(earlier).join(", ");
    const isLocked = "password_locked_until is not null or factor_locked_until is not null";
    const text = `with of_users as (update users set ${locks} where ${isLocked}),
      of_devices as (update known_devices set ${locks} where ${isLocked})
      update one_time_secrets set ${earlier("expires_at")}`;
    await this.stage.db.asAdmin(text, [ms / 1000]);
  }

  async call(path: string, body: object | undefined, { address, device, session, csrf }: Sender): Promise<Answer> {
    const named = { "__Host-parley": session, "__Host-parley-device": device };
    const cookie = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
    const answer = await this.#server.inject({
      method: body === undefined ? "GET" : "POST",
      url: `/api/v1${path}`,
      remoteAddress: address,
      headers: {
        "sec-fetch-site": "same-origin",
        ...(cookie.length > 0 && { cookie: cookie.join("; ") }),
        ...(csrf !== undefined && { [forgeryHeader]: csrf }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const read: Record<string, unknown> = answer.body === "" ? {} : answer.json();
    const given = [answer.headers["set-cookie"] ?? []].flat().map((text) => /^([^=]+)=([^;]*)/.exec(text));
    return {
      ...{ status: answer.statusCode, code: read["code"], body: read },
      retryAfterSeconds: Number(answer.headers["retry-after"] ?? 0),
      cookies: Object.fromEntries(given.map((match) => [match?.[1] ?? "", match?.[2] ?? ""])),
    };
  }

  signIn(email: string, typed: string, sender: Sender): Promise<Answer> {
    return this.call("/sign-in", { email, password: typed }, sender);
  }

  /** People with the password above, made at once. */
  async addPeople(count: number, prefix: string): Promise<{ userId: UserId; email: string }[]> {
    const made: { userId: UserId; email: string }[] = [];
    for (let index = 0; index < count; index += 1) {
      const email = `${prefix}-${index}@example.org`;
      made.push({ userId: await this.stage.addUser(email), email });
    }
    const hash = await this.people.identity.hasher.hash(password);
    const ids = made.map(({ userId }) => toUuid(userId));
    await this.stage.db.asAdmin("update users set password = $1 where user_id = any($2::uuid[])", [hash, ids]);
    return made;
  }

  /** Somebody who signed in here before and registered a passkey. */
  async addOwner(name: string): Promise<Owner> {
    const [person] = await this.addPeople(1, name);
    if (person === undefined) throw new Error("nobody was made");
    const first = await this.signIn(person.email, password, { address: home });
    const device = first.cookies["__Host-parley-device"] ?? "";
    const sessionId = parseId("session", first.body["sessionId"]);
    if (sessionId === undefined) throw new Error(`the owner could not sign in: ${String(first.code)}`);
    const csrf = issueForgeryToken(this.stage.pepper, sessionId);
    const sender = { address: home, device, csrf, session: first.cookies["__Host-parley"] };
    const passkey = new SoftwareAuthenticator({ rpId: new URL(publicUrl).hostname, origin: publicUrl });
    const { options } = (await this.call("/account/passkeys/options", {}, sender)).body as {
      options: { challenge: string };
    };
    const added = await this.call("/account/passkeys", { name: "Key", passkey: passkey.register(options) }, sender);
    return { ...person, device, passkey, session: added.cookies["__Host-parley"] ?? "" };
  }

  /** What the owner can still do: each with the status it is answered with. */
  async tryAsOwner({ userId, email, session, device, passkey }: Owner): Promise<Readonly<Record<string, unknown>>> {
    const userHandle = Buffer.from(toUuid(userId), "hex").toString("base64url");
    const ask = async (body: object) => {
      const { options } = (await this.call("/sign-in/passkey/options", body, { address: home })).body;
      return passkey.signIn(options as { challenge: string }, { userHandle });
    };
    const alone = await this.call("/sign-in/passkey", { passkey: await ask({}) }, { address: home });
    const typed = await this.signIn(email, password, { address: home, device });
    const { ticket } = typed.body;
    const second = { ticket, method: "passkey", passkey: ticket === undefined ? {} : await ask({ ticket }) };
    const finished = await this.call("/sign-in/factor", second, { address: home, device });
    return {
      session: (await this.call("/account", undefined, { address: home, session })).status,
      passkey: alone.status,
      password: [typed.body["status"], finished.body["status"]],
    };
  }

  /** How many guesses at somebody's password or codes were looked at since the last success, not counting the owner's devices. */
  async countFailures(userId: UserId): Promise<{ password: number; factor: number }> {
    const [row] = await this.stage.db.asAdmin<{ password: number; factor: number }>(
      "select password_failures as password, factor_failures as factor from users where user_id = $1",
      [toUuid(userId)],
    );
    return row ?? { password: 0, factor: 0 };
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.people.close();
    await this.stage.close();
  }
}

/** Begins one. */
export async function openSiege(): Promise<Siege> {
  return new Siege(await createPeopleStage());
}
