// What the member is called whom a visitor of a website is: by their session alone, or by the website's own name for
// somebody it vouches for. The two never become one.

import { toUuid, type VisitorId } from "../../../kernel/ids.ts";

const anonymousPrefix = "anonymous:";
const verifiedPrefix = "verified:";

/** The member a visitor is as long as nobody vouches for them. */
export function toAnonymousId(visitorId: VisitorId): string {
  return `${anonymousPrefix}${toUuid(visitorId)}`;
}

/** The member a website calls by this name. */
export function toVerifiedId(subject: string): string {
  return `${verifiedPrefix}${subject}`;
}

/**
 * Answers whether a website vouches for a member of a web channel.
 * SECURITY: of a web channel only. Elsewhere members choose their ids themselves, and such a beginning says nothing.
 */
export function isVerifiedId(externalId: string): boolean {
  return externalId.startsWith(verifiedPrefix);
}

/** Answers whether a member is called as those of web channels are. Whoever is not is none of theirs. */
export function mayBeWebMember(externalId: string): boolean {
  return externalId.startsWith(anonymousPrefix) || isVerifiedId(externalId);
}
