// The access tokens of an app, and the way to end one: the page behind the letters about tokens.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { callout, tag } from "../components/callout.ts";
import { form } from "../components/form.ts";
import { row, rows } from "../components/rows.ts";
import { day, past, person } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface ListedToken {
  readonly id: string;
  readonly name: string;
  /** Its first characters. */
  readonly shown: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
  readonly lastUsedAtMs?: number;
  readonly isRevoked: boolean;
}

export interface TokensView extends AccountPageView {
  readonly appId: string;
  readonly tokens: readonly ListedToken[];
}

/** Shown letter by letter as it is, never translated or made to begin with a capital. */
function exact(text: string): Html {
  return html`<span class="exact" translate="no">${text}</span>`;
}

function writeToken(view: TokensView, token: ListedToken): Html {
  const isOver = token.isRevoked || token.expiresAtMs <= view.nowMs;
  const revoke = form(view, {
    action: pagePaths.tokensRevoke,
    hidden: { appId: view.appId, tokenId: token.id },
    isPlain: true,
    content: button("Revoke", { kind: "bad", isSmall: true, of: token.name }),
  });
  return row({
    title: person(token.name),
    tag: isOver ? tag(token.isRevoked ? "Revoked" : "Expired") : tag("Works", "good"),
    side: !isOver && revoke,
    isSideShort: true,
    facts: [
      ["Begins with", exact(token.shown)],
      ["May", exact(token.scopes.join(", "))],
      ["Last used", token.lastUsedAtMs === undefined ? "Never" : past(token.lastUsedAtMs, view.nowMs)],
      ["Ends", day(token.expiresAtMs)],
    ],
  });
}

/** The tokens. Posts `appId` and `tokenId`. */
export function tokensPage(view: TokensView): Html {
  const none = callout({ tone: "info", title: "No tokens", text: "Make one with POST /api/v1/tokens." });
  const list = view.tokens.length === 0 ? none : rows(view.tokens.map((token) => writeToken(view, token)));
  return accountPage(view, {
    title: "Access tokens",
    lead: html`Of the app <span translate="no">${view.appId}</span>. A revoked token is refused on its next call.`,
    path: pagePaths.tokens,
    content: list,
  });
}
