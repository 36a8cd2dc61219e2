// Recovery codes, the one time they are shown.

import { attributes, type Html, html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { callout } from "../components/callout.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";

export interface RecoveryCodesShownView extends AccountPageView {
  readonly codes: readonly string[];
  /** Where to go on to; the account unless something was waiting. */
  readonly returnTo?: string;
}

/** The codes. SECURITY: the page is the answer to a post and is not stored, so they cannot be called up again. */
export function recoveryCodesShownPage(view: RecoveryCodesShownView): Html {
  const copy = attributes({ "data-copy": ".codes > li", "data-done": "Copied" });
  const items = view.codes.map((code) => html`<li>${code}</li>`);
  const list = html`<ol class="codes" role="list" translate="no">${items}</ol>`;
  const acts = html`<div class="button-row with-script">
    <button type="button" class="button button-plain button-small" ${copy}>Copy</button>
    <button type="button" class="button button-plain button-small" data-print>Print</button>
  </div>`;
  return accountPage(view, {
    title: "Keep these codes",
    lead: "Print them, write them down, or put them into your password manager; not where your password is on paper too.",
    path: pagePaths.recoveryCodes,
    content: [
      callout({
        tone: "care",
        title: "You see them only now",
        text: "We keep no readable copy. Each code works once; earlier codes do not work any more.",
      }),
      html`<div class="block">${list}${acts}</div>`,
      linkButton("I have kept them", toReturnPath(view.returnTo)),
    ],
  });
}
