// After the request for a reset.

import type { Html } from "../../platform/html/index.ts";
import { textLink } from "../components/button.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface ResetSentView extends PageView {
  /** How long the link will work. */
  readonly validMinutes: number;
}

/** SECURITY: the same page for every address, known or not; it does not repeat what was typed. */
export function resetSentPage(view: ResetSentView): Html {
  return sheetPage(view, {
    title: "Look into your mail",
    lead: `If that e-mail belongs to an account, a letter with a link is on its way. The link works once, for ${view.validMinutes} minutes.`,
    content: undefined,
    below: textLink("Nothing came? Ask again", pagePaths.reset),
  });
}
