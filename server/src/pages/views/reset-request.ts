// A forgotten password: asks for the address.

import { type Html, html } from "../../platform/html/index.ts";
import { button, textLink } from "../components/button.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface ResetRequestView extends FormPageView {
  readonly email?: string;
}

/** The request for a reset. Posts `email`. */
export function resetRequestPage(view: ResetRequestView): Html {
  const email = field(view, {
    name: "email",
    label: "E-mail",
    type: "email",
    autocomplete: "username",
    isFirst: true,
    ...(view.email === undefined ? {} : { value: view.email }),
  });
  return sheetPage(view, {
    title: "Choose another password",
    lead: "Tell us the e-mail you sign in with. We send a link to it.",
    content: form(view, { action: pagePaths.reset, content: html`${email}${button("Send the link")}` }),
    below: textLink("Back to sign-in", pagePaths.signIn),
  });
}
