// The frame's document, and the one that stands in its place when there is nothing to show.

import { attributes, type Html, html, localLink } from "../platform/html/index.ts";
import { listStyles } from "./assets.ts";
import type { WidgetConfig } from "./config.ts";
import type { WidgetFiles } from "./widget-files.ts";

/** The frame: a place to draw in, what to draw, and the one script that does. */
export function framePage(config: WidgetConfig, files: WidgetFiles, nonce: string): Html {
  const { embed, style } = files;
  const title = config.texts[config.defaultLocale]?.title ?? "Chat";
  const script = attributes({ type: "module", src: localLink(embed.path), integrity: embed.integrity, nonce });
  return html`<!doctype html>
    <html lang="${config.defaultLocale}">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <link rel="stylesheet" href="${localLink(style.path)}" integrity="${style.integrity}">
        <script ${script}></script>
      </head>
      <body>
        <div id="chat" data-config="${JSON.stringify(config)}"></div>
        <noscript>This chat needs JavaScript.</noscript>
      </body>
    </html>`;
}

/**
 * What is shown where the frame may not be, or where there is none.
 * SECURITY: nothing of the channel is in it, whichever the reason.
 */
export function refusalPage(sentence: string): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>Chat · Parley</title>
        ${listStyles()}
      </head>
      <body class="bare"><main><p>${sentence}</p></main></body>
    </html>`;
}
