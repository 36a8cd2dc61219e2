// Setting up an authenticator app: scan or type, then prove it with a code.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { qrCode } from "../components/qr-code.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface TotpEnrolView extends AccountPageView {
  /** `otpauth://totp/...`, as the QR code carries it. */
  readonly uri: string;
  /** The same secret in base32, for typing. */
  readonly secret: string;
}

/** The set-up of the app. Posts `code`. The secret stays on the server and is not in the form. */
export function totpEnrolPage(view: TotpEnrolView): Html {
  const groups = (view.secret.match(/.{1,4}/g) ?? []).join(" ");
  const code = field(view, {
    name: "code",
    label: "The six digits the app shows",
    autocomplete: "one-time-code",
    code: "digits",
  });
  const confirm = form(view, { action: pagePaths.totp, content: html`${code}${button("Turn on")}` });
  const steps = html`<ol class="steps" role="list">
    <li>
      <h2>Scan this with your app</h2>
      <p class="quiet">Any authenticator app works. The picture is a secret: show it to nobody.</p>
      ${qrCode(view.uri, "QR code for your authenticator app")}
      <p class="quiet">Or type this key in; choose "time-based" if the app asks:</p>
      <p class="secret" translate="no">${groups}</p>
    </li>
    <li>
      <h2>Enter a code</h2>
      ${confirm}
    </li>
  </ol>`;
  return accountPage(view, {
    title: "Set up an authenticator app",
    lead: "After your password, Parley asks for a code from an app on your phone.",
    path: pagePaths.totp,
    content: html`<div class="block">${steps}</div>`,
  });
}
