// A letter in HTML: no table, no image, nothing loaded from anywhere, nothing that reports back. Styles stand in the
// elements because many mail programs drop style sheets; the sheet only adds the dark colours and narrow screens.

import { css, type Html, html } from "../../platform/html/index.ts";
import type { LetterContent } from "./letter-content.ts";
import type { LetterLink } from "./to-link.ts";

const fonts = css`font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;
const styles = {
  body: css`margin: 0; padding: 0; background-color: #f5f6f8; color: #1a1e24; ${fonts}`,
  preview: css`display: none; max-height: 0; overflow: hidden; opacity: 0; font-size: 1px; line-height: 1px; color: #f5f6f8`,
  page: css`max-width: 560px; margin: 0 auto; padding: 32px 16px 40px; font-size: 16px; line-height: 1.55; ${fonts}`,
  brand: css`margin: 0 0 16px; padding: 0 4px; font-size: 15px; font-weight: 650; letter-spacing: -0.01em; color: #1a1e24`,
  dot: css`display: inline-block; width: 10px; height: 10px; margin-right: 8px; border-radius: 5px; background-color: #2e54c4`,
  sheet: css`padding: 32px; border: 1px solid #e1e5ea; border-radius: 12px; background-color: #ffffff`,
  heading: css`margin: 0 0 16px; font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; color: #1a1e24; overflow-wrap: anywhere`,
  paragraph: css`margin: 0 0 16px; overflow-wrap: anywhere`,
  rows: css`margin: 4px 0 24px; padding: 4px 0; border-top: 1px solid #e1e5ea; border-bottom: 1px solid #e1e5ea`,
  label: css`margin: 10px 0 0; font-size: 13px; line-height: 1.4; color: #57606c`,
  value: css`margin: 0 0 10px; overflow-wrap: anywhere`,
  action: css`margin: 24px 0 16px`,
  button: css`display: inline-block; padding: 12px 22px; border-radius: 8px; background-color: #2e54c4; color: #ffffff; font-weight: 600; text-decoration: none`,
  small: css`margin: 0 0 8px; font-size: 14px; line-height: 1.5; color: #57606c; overflow-wrap: anywhere`,
  address: css`color: #2e54c4; overflow-wrap: anywhere; word-break: break-all`,
  caution: css`margin: 24px 0 0; padding: 14px 16px; border-radius: 8px; background-color: #fdf7ea; font-size: 15px; overflow-wrap: anywhere`,
  inCaution: css`margin: 0`,
  cautionLink: css`margin: 8px 0 0`,
  strong: css`font-weight: 650`,
  link: css`color: #2e54c4; font-weight: 600`,
  foot: css`padding: 20px 4px 0`,
};

function writeRows(rows: LetterContent["rows"]): Html | undefined {
  if (rows === undefined) return undefined;
  const written = rows.map(
    ([label, value]) =>
      html`<dt class="quiet" style="${styles.label}">${label}</dt>
<dd style="${styles.value}">${typeof value === "string" ? value : value.html}</dd>
`,
  );
  return html`<dl class="line" style="${styles.rows}">
${written}</dl>
`;
}

function writeAction(action: LetterContent["action"]): Html | undefined {
  if (action === undefined) return undefined;
  const { label, link } = action;
  return html`<p style="${styles.action}"><a class="button" href="${link.toHtmlLink()}" style="${styles.button}">${label}</a></p>
`;
}

function writeFallback(action: LetterContent["action"]): Html | undefined {
  if (action === undefined) return undefined;
  return html`<p class="quiet" style="${styles.small}">If the button does not work, open this address:<br>
${writeAddress(action.link)}</p>
`;
}

function writeAddress(link: LetterLink): Html {
  return html`<a class="link" href="${link.toHtmlLink()}" style="${styles.address}">${link.toString()}</a>`;
}

function writeCaution(caution: LetterContent["caution"]): Html | undefined {
  if (caution === undefined) return undefined;
  const { title, words, link, label = "See" } = caution;
  const follow =
    link === undefined
      ? undefined
      : html`<p style="${styles.cautionLink}"><a class="link" href="${link.toHtmlLink()}" style="${styles.link}">${label}</a></p>
`;
  return html`<div class="caution" style="${styles.caution}">
<p style="${styles.inCaution}"><strong style="${styles.strong}">${title}</strong> ${words.html}</p>
${follow}</div>
`;
}

function writeSheet({ heading, paragraphs, rows, action, note, caution }: LetterContent): Html {
  return html`<div class="sheet" style="${styles.sheet}">
<h1 class="ink" style="${styles.heading}">${heading}</h1>
${paragraphs.map(
  (paragraph) => html`<p style="${styles.paragraph}">${paragraph.html}</p>
`,
)}${writeRows(rows)}${writeAction(action)}${
  note &&
  html`<p class="quiet" style="${styles.small}">${note.html}</p>
`
}${writeCaution(caution)}</div>
`;
}

/** The HTML of a letter. */
export function writeHtml(content: LetterContent): string {
  const { heading, paragraphs, reason, site } = content;
  const preview = paragraphs[0]?.html;
  const page = html`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${heading}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .sheet { padding: 24px 20px !important; }
}
@media (prefers-color-scheme: dark) {
  body, .page { background-color: #0f1216 !important; color: #e7eaee !important; }
  .sheet { background-color: #171b21 !important; border-color: #2a3038 !important; }
  .ink { color: #e7eaee !important; }
  .quiet { color: #a2acb8 !important; }
  .line { border-color: #2a3038 !important; }
  .dot { background-color: #a3b9ff !important; }
  .link { color: #a3b9ff !important; }
  .button { background-color: #a3b9ff !important; color: #0d1531 !important; }
  .caution { background-color: #2a2214 !important; }
  .preview { color: #0f1216 !important; }
}
</style>
</head>
<body style="${styles.body}">
<div class="preview" aria-hidden="true" style="${styles.preview}">${preview}</div>
<div class="page" role="article" aria-roledescription="email" aria-label="${heading}" lang="en" style="${styles.page}">
<p class="ink" style="${styles.brand}"><span class="dot" style="${styles.dot}"></span>Parley</p>
${writeSheet(content)}<div style="${styles.foot}">
${writeFallback(content.action)}<p class="quiet" style="${styles.small}">${reason.html}</p>
<p class="quiet" style="${styles.small}">Sent by Parley at ${site}. Parley never asks for a password or a code by mail.</p>
</div>
</div>
</body>
</html>
`;
  return page.toString();
}
