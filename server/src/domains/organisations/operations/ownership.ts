// Handing an organisation on, over the API.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { OrganisationDeps } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { findOffer } from "../lifecycle/offer-store.ts";
import { acceptOwnership, endOffer, offerOwnership } from "../lifecycle/transfer.ts";
import { toPerson } from "../people/change-rights.ts";

const path = "/api/v1/organisation/ownership-offer";
const nothing = z.object({});

function createOfferOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "ownership.offer",
    summary: "Offers the organisation to another of its users. Nothing changes until they accept.",
    method: "PUT",
    path,
    body: z.strictObject({ userId: idOf("user") }),
    output: nothing,
    scope: "organisation",
    permission: "organisation:transfer",
    audit: "organisation.ownership_offered",
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input }) {
      await offerOwnership(deps, tx, { actor, userId: input.userId });
      return {};
    },
  });
}

const getOperation: Operation = operation({
  name: "ownership.get",
  summary: "The offer that stands, for whoever made it or is asked.",
  method: "GET",
  path,
  output: z.object({ offeredBy: idOf("user"), offeredTo: idOf("user"), expiresAt: z.iso.datetime() }),
  scope: "organisation",
  permission: { none: "shown to the two people it is about only" },
  audit: { none: "reading changes nothing; offering and accepting are recorded" },
  rate: "read",
  stepUp: false,
  async run({ tx, actor }) {
    const userId = toPerson(actor);
    const offer = await findOffer(tx);
    // SECURITY: nobody else learns that there is an offer.
    if (offer === undefined || (offer.offeredBy !== userId && offer.offeredTo !== userId)) {
      throw new AppError(organisationErrors.noOffer);
    }
    const { offeredBy, offeredTo, expiresAt } = offer;
    return { offeredBy, offeredTo, expiresAt: expiresAt.toISOString() };
  },
});

const acceptOperation: Operation = operation({
  name: "ownership.accept",
  summary: "Accepts the organisation: the caller becomes its owner, and who offered it an admin.",
  method: "POST",
  path: `${path}/accept`,
  output: z.object({ formerOwner: idOf("user") }),
  scope: "organisation",
  permission: { none: "only the user it was offered to can accept, whatever their role" },
  audit: "organisation.ownership_accepted",
  rate: "write",
  stepUp: true,
  async run({ tx, actor }) {
    return { formerOwner: await acceptOwnership(tx, actor) };
  },
});

const endOperation: Operation = operation({
  name: "ownership.end",
  summary: "Takes the offer back, or declines it.",
  method: "DELETE",
  path,
  output: nothing,
  scope: "organisation",
  permission: { none: "only the two people it is about can end an offer" },
  audit: "organisation.ownership_offer_ended",
  rate: "write",
  stepUp: false,
  async run({ tx, actor }) {
    await endOffer(tx, actor);
    return {};
  },
});

/** The operations of handing on. */
export function createOwnershipOperations(deps: OrganisationDeps): readonly Operation[] {
  return [createOfferOperation(deps), getOperation, acceptOperation, endOperation];
}
