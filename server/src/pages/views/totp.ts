// The authenticator app of an account that has one.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { tag } from "../components/callout.ts";
import { disclosure } from "../components/disclosure.ts";
import { form } from "../components/form.ts";
import { row, rows } from "../components/rows.ts";
import { day, past } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface TotpView extends AccountPageView {
  readonly addedAtMs?: number;
  readonly lastUsedAtMs?: number;
  /** Set while it cannot be removed, with the reason. */
  readonly keptBecause?: string;
}

function writeRemove(view: TotpView): Html {
  if (view.keptBecause !== undefined) return html`<p>${view.keptBecause}</p>`;
  const words = html`<p>Parley will not ask for codes of this app any more. To change to another phone, remove it here and set it up again there.</p>`;
  const content = html`${words}${button("Remove the app", { kind: "bad", isSmall: true })}`;
  return form(view, { action: pagePaths.totpRemove, content });
}

/** The authenticator app. Removing posts nothing but the token. */
export function totpPage(view: TotpView): Html {
  const { lastUsedAtMs, addedAtMs, nowMs } = view;
  const app = row({
    title: "Authenticator app",
    tag: tag("On", "good"),
    facts: [
      ...(lastUsedAtMs === undefined ? [] : [["Last used", past(lastUsedAtMs, nowMs)] as const]),
      ...(addedAtMs === undefined ? [] : [["Added", day(addedAtMs)] as const]),
    ],
    more: disclosure({ words: "Remove", content: writeRemove(view) }),
  });
  return accountPage(view, {
    title: "Authenticator app",
    lead: "After your password, Parley asks for a code from your app. Each code works once.",
    path: pagePaths.totp,
    content: rows([app]),
  });
}
