// An invitation that cannot be used.

import type { Html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export type InvitationRefusedView = PageView;

/** SECURITY: one page for used, expired, revoked and invented invitations: it tells a stranger nothing. */
export function invitationRefusedPage(view: InvitationRefusedView): Html {
  return sheetPage(view, {
    title: "This invitation cannot be used",
    lead: "Invitations work once, for a limited time, and can be taken back. Ask the person who invited you to send you another one. If you accepted it already, sign in.",
    content: linkButton("Sign in", pagePaths.signIn),
  });
}
