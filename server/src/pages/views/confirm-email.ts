// The page behind the link that was sent to another address: one button, because opening a letter must change nothing.

import type { Html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { form } from "../components/form.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface ConfirmEmailView extends FormPageView {
  /** From the link in the letter. */
  readonly token: string;
}

/** The confirmation of an address. Posts `token`. */
export function confirmEmailPage(view: ConfirmEmailView): Html {
  return sheetPage(view, {
    title: "Use this e-mail address",
    lead: "You sign in with it from then on. The address before stops working.",
    content: form(view, {
      action: pagePaths.confirmEmail,
      hidden: { token: view.token },
      content: button("Use this address"),
    }),
  });
}
