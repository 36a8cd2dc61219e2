// Every operation of organisations, their people and their rights.

import type { Operation } from "../../../kernel/operation.ts";
import type { OrganisationDeps } from "../deps.ts";
import { createAppOperations } from "./apps.ts";
import { createInvitationOperations } from "./invitations.ts";
import { listAuditEntries } from "./list-audit-entries.ts";
import { listPlaces } from "./list-places.ts";
import { createOrganisationItselfOperations } from "./organisations.ts";
import { createOwnershipOperations } from "./ownership.ts";
import { roleOperations } from "./roles.ts";
import { createSetUpOperations } from "./set-up.ts";
import { createUserOperations } from "./users.ts";

/** The operations of this domain, in the order of the reference. */
export function createOrganisationOperations(deps: OrganisationDeps): readonly Operation[] {
  return [
    ...createSetUpOperations(deps),
    listPlaces,
    ...createOrganisationItselfOperations(deps),
    ...createOwnershipOperations(deps),
    ...createAppOperations(deps),
    ...createUserOperations(deps),
    ...roleOperations,
    ...createInvitationOperations(deps),
    listAuditEntries,
  ];
}
