// The frame of every page: language, title, skip link, the one stylesheet and the one script, the notice, the landmarks.
// `sheetPage` is for one thing to do; `accountPage` for the places of an account.

import { attributes, type Html, html, localLink } from "../platform/html/index.ts";
import { pageAssets } from "./assets.ts";
import { button } from "./components/button.ts";
import { form } from "./components/form.ts";
import { notice } from "./components/notice.ts";
import { person } from "./components/text.ts";
import type { AccountPageView, FormPageView, PageView } from "./page-view.ts";
import { pagePaths } from "./paths.ts";

interface FrameOptions {
  readonly title: string;
  readonly kind: "narrow" | "wide" | "wide alone";
  readonly side?: Html | undefined;
  readonly content: Html;
}

const mark = html`
  <svg viewBox="0 0 26 26" fill="none" aria-hidden="true" focusable="false">
    <path d="M13 3C7 3 2.5 7 2.5 12c0 2.9 1.5 5.4 3.9 7v3.6c0 .5.6.8 1 .5l3.4-2.3c.7.1 1.4.2 2.2.2 6 0 10.5-4 10.5-9S19 3 13 3Z" fill="currentColor"></path>
    <path d="m8.8 12 2.9 2.9 5.6-5.6" class="mark-line" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"></path>
  </svg>`;

function head(view: PageView & Pick<FormPageView, "mistakes">, title: string): Html {
  const { style, script, mark: icon } = pageAssets;
  const hasMistake = view.notice?.tone === "error" || (view.mistakes?.length ?? 0) > 0;
  return html`
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${hasMistake && "Mistake: "}${title} · Parley</title>
    <link rel="icon" type="image/svg+xml" href="${localLink(icon.path)}">
    <link rel="stylesheet" href="${localLink(style.path)}" integrity="${style.integrity}">
    <script ${attributes({ type: "module", src: localLink(script.path), integrity: script.integrity, nonce: view.nonce })}></script>
  `;
}

function frame(view: PageView & Pick<FormPageView, "mistakes">, options: FrameOptions): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>${head(view, options.title)}</head>
      <body class="${options.kind}">
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top"><span class="brand">${mark}Parley</span>${options.side}</header>
        <main id="content" tabindex="-1">${options.content}</main>
        <footer class="foot">Parley, the conversation platform you can check for yourself</footer>
      </body>
    </html>`;
}

function heading(title: string, lead: Html | string | undefined, above: Html | false = false): Html {
  const more = lead !== undefined && html`<p class="quiet">${lead}</p>`;
  return html`<div class="stack-tight">${above}<h1>${title}</h1>${more}</div>`;
}

export interface SheetOptions {
  readonly title: string;
  /** A sentence or two under the title. */
  readonly lead?: Html | string;
  /** A line above the title: where in a longer way this page stands, or a status. */
  readonly above?: string;
  readonly content?: Html | readonly (Html | undefined | false)[] | undefined;
  /** A quiet line under the sheet. */
  readonly below?: Html | undefined;
}

/** A page for one thing to do. */
export function sheetPage(view: PageView & Pick<FormPageView, "mistakes">, options: SheetOptions): Html {
  const { title, lead, above, content, below } = options;
  const status = above !== undefined && html`<p class="big">${above}</p>`;
  const sheet = html`<div class="sheet">${heading(title, lead, status)}${notice(view)}${content}</div>`;
  return frame(view, {
    title,
    kind: "narrow",
    content: html`${sheet}${below && html`<p class="below">${below}</p>`}`,
  });
}

const places = [
  ["Overview", pagePaths.account],
  ["Password", pagePaths.password],
  ["Passkeys", pagePaths.passkeys],
  ["Authenticator app", pagePaths.totp],
  ["Recovery codes", pagePaths.recoveryCodes],
  ["Sessions", pagePaths.sessions],
] as const;

function listPlaces(current: string): Html {
  const items = places.map(([words, path]) => {
    const state = attributes({ "aria-current": path === current ? "page" : undefined });
    return html`<li><a href="${localLink(path)}" ${state}>${words}</a></li>`;
  });
  const back =
    current !== pagePaths.account && html`<a class="back" href="${localLink(pagePaths.account)}">‹ Your account</a>`;
  return html`<nav class="places" aria-label="Your account">${back}<ul role="list">${items}</ul></nav>`;
}

/** The person, and the way out. */
function who(view: AccountPageView): Html {
  const out = form(view, {
    action: pagePaths.signOut,
    isPlain: true,
    content: button("Sign out", { kind: "plain", isSmall: true }),
  });
  const name = html`<span class="who-name"><span class="unseen">Signed in as </span>${person(view.user.name)}</span>`;
  return html`<div class="who">${name}${out}</div>`;
}

export interface AccountOptions {
  readonly title: string;
  readonly lead?: Html | string | undefined;
  readonly path: string;
  readonly content: Html | readonly (Html | undefined | false)[];
}

/** A place of the account. */
export function accountPage(view: AccountPageView, options: AccountOptions): Html {
  const { title, lead, path, content } = options;
  const place = html`<div class="place">${heading(title, lead)}${notice(view)}${content}</div>`;
  const isRestricted = view.isRestricted === true;
  return frame(view, {
    title,
    kind: isRestricted ? "wide alone" : "wide",
    side: who(view),
    content: html`${!isRestricted && listPlaces(path)}${place}`,
  });
}
