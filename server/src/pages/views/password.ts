// Another password, for someone who is signed in.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { form } from "../components/form.ts";
import { accountNameField, passwordField, toPasswordHint } from "../components/password-field.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface PasswordView extends AccountPageView {
  readonly passwordLengthMin: number;
  /** False for people who have none yet: then only `newPassword` is asked for. */
  readonly hasPassword: boolean;
}

/** The change of the password. Posts `currentPassword`, `newPassword`. */
export function passwordPage(view: PasswordView): Html {
  const current =
    view.hasPassword &&
    passwordField(view, { name: "currentPassword", label: "Current password", autocomplete: "current-password" });
  const hint = toPasswordHint(view.passwordLengthMin);
  const next = passwordField(view, { name: "newPassword", label: "New password", autocomplete: "new-password", hint });
  const content = html`${accountNameField(view.user.email)}${current}${next}${button("Save the password")}`;
  return accountPage(view, {
    title: "Password",
    lead: "Saving it ends your sessions on all other devices.",
    path: pagePaths.password,
    content: html`<div class="block">${form(view, { action: pagePaths.password, content })}</div>`,
  });
}
