// After the set-up, and for everybody who comes to it once it is done.

import { type Html, html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { strongName } from "../components/text.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface SetUpDoneView extends PageView {
  /** Given to the person who did it; left out for anybody who comes later. */
  readonly made?: { readonly organisationName: string; readonly appName: string };
}

/** The page after the set-up. */
export function setUpDonePage(view: SetUpDoneView): Html {
  const { made } = view;
  if (made === undefined) {
    return sheetPage(view, {
      title: "Parley is set up",
      lead: "This was done before and works only once. To join, ask an administrator for an invitation.",
      content: linkButton("Sign in", pagePaths.signIn),
    });
  }
  return sheetPage(view, {
    title: "Parley is ready",
    lead: html`${strongName(made.organisationName)} and its first app, ${strongName(made.appName)}, are there, and you own them. Add a passkey next: it is quicker than a password and nobody can guess it.`,
    content: linkButton("Go to your account", pagePaths.account),
  });
}
