// A page of our own that shows a channel's widget as a website would: where anyone can talk to the bot at once, and copy what
// puts it on their own site.

import type { WebSettings } from "../domains/channels/index.ts";
import type { ChannelId } from "../kernel/ids.ts";
import { pageAssets } from "../pages/index.ts";
import { attributes, type Html, html, localLink } from "../platform/html/index.ts";
import { demoAssets, listStyles } from "./assets.ts";
import { channelAttribute, toPolicyLines, toSnippet } from "./snippet.ts";
import type { WidgetFiles } from "./widget-files.ts";

export interface DemoView {
  readonly channelId: ChannelId;
  readonly name: string;
  readonly web: WebSettings;
  readonly files: WidgetFiles;
  /** Where this page is seen: the site, as the chat sees it. */
  readonly origin: string;
  readonly nonce: string;
}

function head({ channelId, files, nonce }: DemoView, title: string): Html {
  const { script } = demoAssets;
  const { loader } = files;
  const own = attributes({ type: "module", src: localLink(script.path), integrity: script.integrity, nonce });
  const widget = attributes({
    async: true,
    src: localLink(loader.path),
    integrity: loader.integrity,
    ...{ nonce, [channelAttribute]: channelId },
  });
  return html`
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${title} · Parley</title>
    <link rel="icon" type="image/svg+xml" href="${localLink(pageAssets.mark.path)}">
    ${listStyles()}
    <script ${own}></script>
    <script ${widget}></script>
  `;
}

/** A text is a button that sends it; a choice can only be tapped in the chat. */
function example(start: WebSettings["quickStarts"][number]): Html {
  if (!("text" in start)) return html`<li><span class="say">${start.title}</span></li>`;
  const say = attributes({ type: "button", class: "say", "data-say": start.text, disabled: true });
  const title = start.text !== start.title && html` <span class="quiet">${start.title}</span>`;
  return html`<li><button ${say}>${start.text}</button>${title}</li>`;
}

function listExamples({ web }: DemoView): Html | false {
  if (web.quickStarts.length === 0) return false;
  return html`
    <section>
      <h2>What to write</h2>
      <p class="quiet">Write it in the chat, or press it here.</p>
      <ul class="examples" role="list">${web.quickStarts.map(example)}</ul>
    </section>`;
}

function copyable(id: string, label: string, text: string): Html {
  return html`
    <figure>
      <figcaption id="${id}-label">${label}</figcaption>
      <pre id="${id}" tabindex="0" aria-labelledby="${id}-label"><code>${text}</code></pre>
      <button type="button" class="button button-plain copy" data-copy="${id}" hidden>Copy<span class="unseen"> ${label}</span></button>
    </figure>`;
}

function describeUse({ origin, channelId, files }: DemoView): Html {
  return html`
    <section>
      <h2>Put it on your site</h2>
      <p>Add your site's origin to the channel, then this to your pages. The browser runs the widget only if it is the very
        release named here; change the line when Parley is upgraded.</p>
      ${copyable("sealed", "Script with its integrity", toSnippet(origin, channelId, files.loader))}
      <details>
        <summary>Or take every release as it comes</summary>
        ${copyable("open", "Script without integrity", toSnippet(origin, channelId))}
      </details>
      ${copyable("policy", "If your site has a Content-Security-Policy, add", toPolicyLines(origin))}
    </section>`;
}

function warn({ web, origin }: DemoView): Html | false {
  if (web.origins.includes(origin)) return false;
  return html`<p class="callout tone-care" role="note">This page stands on ${origin}, which the channel does not list, so the chat stays
    away. Add it to the channel's origins, or open the page where it is listed.</p>`;
}

/** The demo page. */
export function demoPage(view: DemoView): Html {
  const title = view.web.texts[view.web.defaultLocale]?.title ?? view.name;
  return html`<!doctype html>
    <html lang="en">
      <head>${head(view, title)}</head>
      <body class="chat-${view.web.appearance.position}">
        <header class="top"><span class="brand">Parley</span><span class="quiet">Demo of ${view.name}</span></header>
        <main>
          <div class="hero">
            <h1>${title}</h1>
            <p class="lead">This is what visitors of your website see. Open the chat in the corner and write to it: nothing
              to sign in to, no cookie, and nothing fetched from anywhere else.</p>
            <button type="button" class="button open" data-open hidden>Open the chat</button>
            <noscript><p class="callout tone-care">The chat needs JavaScript, which is switched off here.</p></noscript>
            ${warn(view)}
          </div>
          ${listExamples(view)}
          ${describeUse(view)}
        </main>
        <footer class="foot">Parley, the conversation platform you can check for yourself</footer>
      </body>
    </html>`;
}
