// What the owner of a website copies into its pages.

import type { ChannelId } from "../kernel/ids.ts";
import type { Asset } from "../platform/http/asset.ts";

/** The attribute by which the loader knows its channel. */
export const channelAttribute = "data-channel";

/**
 * The script element. With the loader's file it names that release's bytes, which the browser checks; without, it takes
 * each release as it comes.
 */
export function toSnippet(origin: string, channelId: ChannelId, loader?: Asset): string {
  const address = `${origin}${loader === undefined ? "/widget.js" : loader.path}`;
  const sealed = loader === undefined ? "" : `\n  integrity="${loader.integrity}" crossorigin="anonymous"`;
  return `<script async src="${address}"\n  ${channelAttribute}="${channelId}"${sealed}></script>`;
}

/** The sources a strict policy of the website needs besides its own. */
export function toPolicyLines(origin: string): string {
  return `script-src ${origin};\nframe-src ${origin};`;
}
