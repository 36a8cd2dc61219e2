// What a page has to say first: what was done, or what is wrong and where. It is announced, and has the focus when the
// page opens, script or not.

import { type Html, html, stripControls } from "../../platform/html/index.ts";
import type { FormPageView, PageView } from "../page-view.ts";
import { toFieldId } from "./field.ts";

const tones = { error: "tone-bad", care: "tone-care", done: "tone-good", info: "tone-info" };

function writeMistakes(mistakes: NonNullable<FormPageView["mistakes"]>): Html {
  const title = mistakes.length === 1 ? "One thing is not right yet." : "Some things are not right yet.";
  const items = mistakes.map(
    ({ path, message }) => html`<li><a href="#${toFieldId(path)}">${stripControls(message)}</a></li>`,
  );
  return html`<p><strong>${title}</strong></p><ul>${items}</ul>`;
}

/** The notice of a page, or nothing. */
export function notice(view: PageView & Pick<FormPageView, "mistakes">): Html | undefined {
  const { mistakes = [], notice: said } = view;
  if (said === undefined && mistakes.length === 0) return undefined;
  const tone = said === undefined ? "error" : said.tone;
  const role = tone === "error" || tone === "care" ? "alert" : "status";
  const text = said && html`<p>${stripControls(said.text)}</p>`;
  const list = mistakes.length > 0 && writeMistakes(mistakes);
  return html`<div class="notice ${tones[tone]}" role="${role}" id="notice" tabindex="-1" autofocus>${text}${list}</div>`;
}
