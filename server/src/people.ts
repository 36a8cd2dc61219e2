// Puts together what has to do with people: who signs in and how, organisations and their rights, tokens, letters. A part
// of the composition root, in a file of its own because the command line needs it too.

import { issueForgeryToken } from "./api/index.ts";
import type { Core } from "./core.ts";
import {
  Afterwards,
  createIdentityOperations,
  describeDevice,
  type IdentityOperationDeps,
  isBreached,
  PasswordHasher,
  PasswordJudge,
  SignInThrottle,
} from "./domains/identity/index.ts";
import {
  contextWordsFor,
  createOrganisationOperations,
  factorsRequired,
  limitsFor,
  type OrganisationDeps,
  placesFor,
  refreshCopies,
} from "./domains/organisations/index.ts";
import { createTokenOperations, type TokenDeps } from "./domains/tokens/index.ts";
import type { Operation } from "./kernel/operation.ts";
import type { OutboundClient } from "./platform/outbound/index.ts";
import { toPublicUrl } from "./public-url.ts";

export type PeopleCore = Pick<Core, "config" | "log" | "clock" | "database" | "provider" | "pepper" | "installation">;

export interface People {
  readonly identity: IdentityOperationDeps;
  readonly organisations: OrganisationDeps;
  readonly tokens: TokenDeps;
  /** Lets what was begun come to its end. */
  close(): Promise<void>;
}

/** What the operations and commands about people work with. */
export function createPeople(core: PeopleCore, outbound: Pick<OutboundClient, "request">): People {
  const { config, log, clock, database, provider, pepper, installation } = core;
  const publicUrl = toPublicUrl(config);
  const { hostname, origin } = new URL(publicUrl);
  const hasher = new PasswordHasher({ pepper, log });
  const rangeUrl = config.PARLEY_BREACHED_PASSWORDS_URL;
  const judge =
    rangeUrl === undefined
      ? new PasswordJudge()
      : new PasswordJudge(undefined, (password) => isBreached(password, { outbound, rangeUrl: `${rangeUrl}/`, log }));
  const afterwards = new Afterwards(log);
  const shared = { database, installation, clock, publicUrl, hasher, judge };
  const identity: IdentityOperationDeps = {
    ...{ ...shared, pepper, afterwards, limitsFor, contextWordsFor, factorsRequired, placesFor },
    throttle: new SignInThrottle({ clock }),
    site: { rpId: hostname, rpName: "Parley", origin },
    profileChanged: async (batch, userId, profile) => {
      await refreshCopies(batch, { userId, ...profile }, await installation.sealer());
    },
    issueForgeryToken: (sessionId) => issueForgeryToken(pepper, sessionId),
  };
  return {
    identity,
    organisations: { ...shared, provider },
    tokens: { ...shared, pepper, describeDevice },
    async close() {
      await afterwards.settle();
      await judge.close();
    },
  };
}

/** Every operation about people. */
export function listPeopleOperations(people: People): readonly Operation[] {
  return [
    ...createIdentityOperations(people.identity),
    ...createOrganisationOperations(people.organisations),
    ...createTokenOperations(people.tokens),
  ];
}
