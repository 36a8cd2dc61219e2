// What of the reader's organisations and apps will be deleted, and the way to keep it: the page behind the letter about it.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { callout } from "../components/callout.ts";
import { form } from "../components/form.ts";
import { row, rows } from "../components/rows.ts";
import { person, toLeftWords } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface Doomed {
  readonly organisationId: string;
  /** Left out when it is the organisation itself. */
  readonly appId?: string;
  readonly name: string;
  readonly deletedAtMs: number;
}

export interface DeletionView extends AccountPageView {
  readonly things: readonly Doomed[];
}

function writeThing(view: DeletionView, { organisationId, appId, name, deletedAtMs }: Doomed): Html {
  const keep = form(view, {
    action: pagePaths.deletion,
    hidden: { organisationId, appId },
    isPlain: true,
    content: button("Keep it", { kind: "plain", of: name }),
  });
  return row({
    title: html`${appId === undefined ? "Organisation" : "App"} ${person(name)}`,
    text: `Deleted for good in ${toLeftWords(deletedAtMs, view.nowMs)}, with everything in it. Until then it is closed.`,
    side: keep,
  });
}

/** What will be deleted. Posts `organisationId` and, for an app, `appId`. */
export function deletionPage(view: DeletionView): Html {
  const none = callout({
    tone: "good",
    title: "Nothing is about to be deleted",
    text: "None of your organisations and apps.",
  });
  return accountPage(view, {
    title: "About to be deleted",
    path: pagePaths.deletion,
    content: view.things.length === 0 ? none : rows(view.things.map((thing) => writeThing(view, thing))),
  });
}
