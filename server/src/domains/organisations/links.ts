// Where the letters of this domain lead. Whoever binds pages reads the same list.

import type { Secret } from "../../kernel/secret.ts";
import { type LetterLink, toLink } from "../notices/index.ts";

export const organisationPaths = {
  invitation: "/invitation",
  ownership: "/organisation/ownership",
  deletion: "/organisation/deletion",
} as const;

/**
 * The link of an invitation. Its token is the last segment of a page's path, never a query and never an address of the
 * programming interface, to which pages hand it in a body. The server writes no addresses to its log, and the page sends
 * no referrer; a fragment would be hidden from proxies as well, but could not be read without a script.
 */
export function toInvitationLink(publicUrl: string, token: Secret<string>): LetterLink {
  return toLink(publicUrl, `${organisationPaths.invitation}/${token.reveal()}`);
}
