// Organisations that were offered to the reader: the page behind the letter about it.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { callout } from "../components/callout.ts";
import { form } from "../components/form.ts";
import { row, rows } from "../components/rows.ts";
import { person, toLeftWords } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface OwnershipOffer {
  readonly organisationId: string;
  readonly organisationName: string;
  readonly expiresAtMs: number;
  /** True for whoever offers it. */
  readonly isOwn: boolean;
}

export interface OwnershipView extends AccountPageView {
  readonly offers: readonly OwnershipOffer[];
}

function writeOffer(view: OwnershipView, offer: OwnershipOffer): Html {
  const hidden = { organisationId: offer.organisationId };
  const accept = form(view, {
    action: pagePaths.ownership,
    hidden,
    isPlain: true,
    content: button("Become the owner"),
  });
  const words = offer.isOwn ? "Take the offer back" : "Decline";
  const end = form(view, {
    action: pagePaths.ownershipEnd,
    hidden,
    isPlain: true,
    content: button(words, { kind: "plain" }),
  });
  return row({
    title: person(offer.organisationName),
    text: offer.isOwn
      ? "You offered it. You stay an administrator when it is accepted."
      : "Whoever offers it stays an administrator.",
    facts: [["Stands for", toLeftWords(offer.expiresAtMs, view.nowMs)]],
    more: html`<div class="button-row">${!offer.isOwn && accept}${end}</div>`,
  });
}

/** The offers. Posts `organisationId`. */
export function ownershipPage(view: OwnershipView): Html {
  const none = callout({
    tone: "info",
    title: "Nothing is offered",
    text: "An offer ends after three days, or when it is taken back.",
  });
  return accountPage(view, {
    title: "Ownership",
    path: pagePaths.ownership,
    content: view.offers.length === 0 ? none : rows(view.offers.map((offer) => writeOffer(view, offer))),
  });
}
