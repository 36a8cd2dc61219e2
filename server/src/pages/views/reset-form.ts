// The password after a reset: whoever holds the link chooses it.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { form } from "../components/form.ts";
import { passwordField, toPasswordHint } from "../components/password-field.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface ResetFormView extends FormPageView {
  /** From the link in the letter. */
  readonly token: string;
  readonly passwordLengthMin: number;
}

/** The reset. Posts `token`, `newPassword`. */
export function resetFormPage(view: ResetFormView): Html {
  const hint = toPasswordHint(view.passwordLengthMin);
  const options = { name: "newPassword", label: "New password", autocomplete: "new-password", hint } as const;
  const content = html`${passwordField(view, options)}${button("Save the password")}`;
  return sheetPage(view, {
    title: "Choose another password",
    lead: "Saving it signs you out everywhere. Passkeys and your authenticator app stay as they are.",
    content: form(view, { action: pagePaths.resetForm, hidden: { token: view.token }, content }),
  });
}
