// The SQL of offers to take an organisation over: one at most.

import { fromUuid, toUuid, type UserId } from "../../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement } from "../../../platform/db/index.ts";

export interface StoredOffer {
  readonly offeredBy: UserId;
  readonly offeredTo: UserId;
  readonly expiresAt: Date;
}

interface OfferRow {
  offered_by: string;
  offered_to: string;
  expires_at: Date;
}

function toOffer(row: OfferRow): StoredOffer {
  return {
    offeredBy: fromUuid("user", row.offered_by),
    offeredTo: fromUuid("user", row.offered_to),
    expiresAt: row.expires_at,
  };
}

const putOfferSql = organisationStatement<never>(
  "organisations.put_offer",
  `insert into ownership_offers (organisation_id, offered_by, offered_to, expires_at)
   values ($1, $2, $3, now() + make_interval(days => $4))
   on conflict (organisation_id) do update set offered_by = excluded.offered_by, offered_to = excluded.offered_to,
     created_at = now(), expires_at = excluded.expires_at`,
);

/** Keeps an offer, in the place of any other. */
export async function putOffer(
  tx: OrganisationTx,
  offer: { offeredBy: UserId; offeredTo: UserId; days: number },
): Promise<void> {
  await tx.query(putOfferSql, [toUuid(offer.offeredBy), toUuid(offer.offeredTo), offer.days]);
}

const findOfferSql = organisationStatement<OfferRow>(
  "organisations.find_offer",
  `select offered_by, offered_to, expires_at from ownership_offers where organisation_id = $1 and expires_at > now()`,
);

/** The offer that stands. */
export async function findOffer(tx: OrganisationTx): Promise<StoredOffer | undefined> {
  const row = (await tx.query(findOfferSql))[0];
  return row === undefined ? undefined : toOffer(row);
}

const takeOfferSql = organisationStatement<OfferRow>(
  "organisations.take_offer",
  `delete from ownership_offers where organisation_id = $1 and offered_to = $2 and expires_at > now()
   returning offered_by, offered_to, expires_at`,
);

/** The offer to this person, gone with it: for exactly one caller. */
export async function takeOffer(tx: OrganisationTx, offeredTo: UserId): Promise<StoredOffer | undefined> {
  const row = (await tx.query(takeOfferSql, [toUuid(offeredTo)]))[0];
  return row === undefined ? undefined : toOffer(row);
}

const deleteOfferSql = organisationStatement<{ organisation_id: string }>(
  "organisations.delete_offer",
  "delete from ownership_offers where organisation_id = $1 and ($2::uuid is null or $2 in (offered_by, offered_to)) returning organisation_id",
);

/** Ends the offer, or only one that is about a person. Answers whether there was one. */
export async function deleteOffer(tx: OrganisationTx, about?: UserId): Promise<boolean> {
  return (await tx.query(deleteOfferSql, [about === undefined ? null : toUuid(about)])).length > 0;
}
