// How many recovery codes are left, and a fresh set.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { callout } from "../components/callout.ts";
import { form } from "../components/form.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface RecoveryCodesView extends AccountPageView {
  readonly left: number;
  readonly total: number;
  /** False until the account has a passkey or an authenticator app: codes stand in for those. */
  readonly hasFactor: boolean;
}

function writeState(view: RecoveryCodesView): Html {
  if (!view.hasFactor) {
    const text = "Recovery codes stand in for a passkey or an authenticator app. Add one of them, then come back.";
    return callout({ tone: "info", title: "Nothing to recover yet", text });
  }
  if (view.left === 0) {
    return callout({ tone: "care", title: "You have no codes", text: "Get some before you need them." });
  }
  const tone = view.left < 4 ? "care" : "good";
  const title = `${view.left} of ${view.total} codes left`;
  return callout({ tone, title, text: "We cannot show them again." });
}

function writeForm(view: RecoveryCodesView): Html {
  const isFirst = view.left === 0;
  const words = isFirst
    ? "You get ten codes, shown once."
    : "You get ten fresh codes, shown once. The ones you have stop working at once.";
  const content = html`<p>${words}</p>${button(isFirst ? "Get recovery codes" : "Replace all codes", isFirst ? {} : { kind: "plain" })}`;
  return html`<div class="block">${form(view, { action: pagePaths.recoveryCodes, content })}</div>`;
}

/** The recovery codes. Making a set posts nothing but the token; the answer is `recoveryCodesShownPage`. */
export function recoveryCodesPage(view: RecoveryCodesView): Html {
  return accountPage(view, {
    title: "Recovery codes",
    lead: "They let you in when your devices are lost. Each works once, after your password.",
    path: pagePaths.recoveryCodes,
    content: [writeState(view), view.hasFactor && writeForm(view)],
  });
}
