// People in a running installation: made past its doors, in the database it serves from and under its keys, so that the
// doors themselves can be tried with hundreds of them.

import { forgeryHeader, issueForgeryToken } from "../../server/src/api/index.ts";
import { readConfig } from "../../server/src/config.ts";
import { type Core, openCore } from "../../server/src/core.ts";
import { createUser, issueSession, PasswordHasher, toEmail } from "../../server/src/domains/identity/index.ts";
import { createOrganisation, putOwner } from "../../server/src/domains/organisations/index.ts";
import { type OrganisationId, type SessionId, toUuid, type UserId } from "../../server/src/kernel/ids.ts";
import { drawBytes } from "../../server/src/platform/crypto/random.ts";
import { createLog } from "../../server/src/platform/log/log.ts";
import type { Settings } from "./server.ts";

const operator = { kind: "operator", command: "test" } as const;
const batchSize = 50;

export interface Resident {
  readonly userId: UserId;
  readonly email: string;
}

export interface Entry {
  readonly sessionId: SessionId;
  readonly token: string;
  /** What a request of this session carries. */
  readonly headers: Readonly<Record<string, string>>;
}

export class House {
  readonly core: Core;
  readonly password = `vivid copper ${drawBytes(6).toString("hex")} orchard`;
  #passwordHash: string | undefined;

  constructor(core: Core) {
    this.core = core;
  }

  /** People who all have the house's password: one hash, so that hundreds are made in a moment. */
  async addPeople(count: number, prefix: string): Promise<Resident[]> {
    const { database, installation, pepper, log } = this.core;
    const sealer = await installation.sealer();
    this.#passwordHash ??= await new PasswordHasher({ pepper, log }).hash(this.password);
    const passwordHash = this.#passwordHash;
    const people: Resident[] = [];
    while (people.length < count) {
      const emails = Array.from({ length: Math.min(batchSize, count - people.length) }, () => toNewAddress(prefix));
      await database.withBatch(operator, async (batch) => {
        for (const email of emails) {
          const user = { email: toEmail(email), name: "Pat Example", passwordHash };
          people.push({ userId: await createUser(batch, user, sealer), email });
        }
      });
    }
    return people;
  }

  /** An organisation that the person owns. */
  async found({ userId, email }: Resident): Promise<OrganisationId> {
    const { database, installation } = this.core;
    const sealer = await installation.sealer();
    const organisationId = await createOrganisation(database, operator, "Test organisation");
    await database.withBatch(operator, (batch) =>
      putOwner(batch.enterOrganisation(organisationId), { userId, email: toEmail(email), name: "Pat Example" }, sealer),
    );
    return organisationId;
  }

  /** A session as after a sign-in with a second factor. */
  async enter(userId: UserId): Promise<Entry> {
    const { database, installation, pepper } = this.core;
    const sealer = await installation.sealer();
    const origin = { address: "192.0.2.1", userAgent: "", deviceToken: undefined };
    const limits = { idleMinutes: 60, hours: 24 };
    const session = { methods: ["password"], isSteppedUp: true, device: "Test", network: "Test" } as const;
    const { sessionId, token } = await database.withUser(operator, userId, (tx) =>
      issueSession(tx, { ...session, limits, origin, sealer }),
    );
    const csrf = issueForgeryToken(pepper, sessionId);
    const cookie = `__Host-parley=${token.reveal()}`;
    return {
      sessionId,
      token: token.reveal(),
      headers: { cookie, [forgeryHeader]: csrf, "sec-fetch-site": "same-origin" },
    };
  }

  close(): Promise<void> {
    return this.core.close();
  }
}

/** An address of a length that is always the same, so that the answers to two of them may be as long as each other. */
export function toNewAddress(prefix: string): string {
  return `${prefix}-${drawBytes(8).toString("hex")}@example.org`;
}

/** How a person is named in SQL. */
export function toRow({ userId }: Pick<Resident, "userId">): string {
  return toUuid(userId);
}

/** Opens the house of a server that runs with these settings. Close it before the server is stopped. */
export async function openHouse(settings: Settings): Promise<House> {
  return new House(await openCore(readConfig(settings), createLog({ level: "warn" })));
}
