// Hands an organisation on: an owner offers it to another user, who accepts. Both show a second factor. The owner who
// offered becomes an admin; until then nothing changes.

import type { Caller } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { toLink, toOwnershipTransferLetter } from "../../notices/index.ts";
import { secretSeconds } from "../../secrets/index.ts";
import type { OrganisationDeps } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { organisationPaths } from "../links.ts";
import { lockAs, toPerson } from "../people/change-rights.ts";
import { openCopy } from "../people/copies.ts";
import { listGrants, lockRights, replaceGrants } from "../people/grant-store.ts";
import { findUser, type StoredUser } from "../people/user-store.ts";
import { readOrganisationName } from "../place-store.ts";
import type { BuiltInRole } from "../rights/catalogue.ts";
import type { Grant } from "../rights/rights.ts";
import { deleteOffer, putOffer, takeOffer } from "./offer-store.ts";

const offerDays = secretSeconds.transfer / 86_400;

function isOwner(grants: readonly Grant[]): boolean {
  return grants.some(({ role }) => "builtIn" in role && role.builtIn === "owner");
}

async function getActive(tx: OrganisationTx, userId: UserId): Promise<StoredUser> {
  const user = await findUser(tx, userId);
  if (user?.status !== "active") throw new AppError(organisationErrors.unknownHeir);
  return user;
}

/** Offers the organisation to another of its users and writes to them. Another offer ends. */
export async function offerOwnership(
  deps: Pick<OrganisationDeps, "clock" | "installation" | "publicUrl">,
  tx: OrganisationTx,
  { actor, userId }: { actor: Caller; userId: UserId },
): Promise<void> {
  const changer = await lockAs(tx, actor, "organisation:transfer");
  if (userId === changer.userId || !isOwner(changer.grants)) throw new AppError(organisationErrors.unknownHeir);
  const [heir, owner] = [await getActive(tx, userId), await getActive(tx, changer.userId)];
  await putOffer(tx, { offeredBy: changer.userId, offeredTo: userId, days: offerDays });
  const sealer = await deps.installation.sealer();
  const sentAtMs = deps.clock.nowMs();
  const letter = toOwnershipTransferLetter({
    organisationName: await readOrganisationName(tx),
    ownerName: openCopy(tx.organisationId, owner, sealer).name,
    link: toLink(deps.publicUrl, organisationPaths.ownership),
    ...{ sentAtMs, expiresAtMs: sentAtMs + secretSeconds.transfer * 1000 },
  });
  await queueLetter(tx.batch, sealer, { to: openCopy(tx.organisationId, heir, sealer).email, ...letter });
}

/** Gives somebody one role in the whole organisation, and nothing else. */
async function become(tx: OrganisationTx, userId: UserId, role: BuiltInRole): Promise<void> {
  await replaceGrants(tx, userId, [{ appId: undefined, role: { builtIn: role }, channelIds: undefined }]);
}

/**
 * Accepts the organisation. Throws `organisations.no_offer` for everybody it is not offered to.
 * SECURITY: an offer of somebody who is no owner any more gives nothing.
 */
export async function acceptOwnership(tx: OrganisationTx, actor: Caller): Promise<UserId> {
  const heir = toPerson(actor);
  await lockRights(tx);
  const offer = await takeOffer(tx, heir);
  const [former, own] = offer === undefined ? [] : [await findUser(tx, offer.offeredBy), await findUser(tx, heir)];
  const isStanding = former?.status === "active" && own?.status === "active";
  if (former === undefined || !isStanding || !isOwner(await listGrants(tx, former.userId))) {
    throw new AppError(organisationErrors.noOffer);
  }
  await become(tx, heir, "owner");
  await become(tx, former.userId, "admin");
  return former.userId;
}

/** Takes the offer back, or declines it: whoever made it or was asked. */
export async function endOffer(tx: OrganisationTx, actor: Caller): Promise<void> {
  if (!(await deleteOffer(tx, toPerson(actor)))) throw new AppError(organisationErrors.noOffer);
}
