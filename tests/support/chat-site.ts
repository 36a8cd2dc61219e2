// A customer's website as the strictest of them is: it lets in Parley's script by its hash and Parley's frame, and nothing
// else. It is served by the test from an origin of its own.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatHouse } from "./chat-house.ts";

export interface Site {
  readonly origin: string;
  close(): Promise<void>;
}

/** What the site's owner copies from the demo page: the release's address and its hash. */
export interface Loader {
  readonly src: string;
  readonly integrity: string;
}

/** Reads the element to copy off the channel's demo page. */
export async function readLoader(house: ChatHouse): Promise<Loader> {
  const { demoPageUrl } = house.app.channels.web;
  const page = (await (await fetch(demoPageUrl)).text()).replaceAll("&quot;", '"');
  const [, src, integrity] = /&lt;script async src="([^"]+)"[^&]*integrity="([^"]+)"/.exec(page) ?? [];
  if (src === undefined || integrity === undefined) throw new Error("the demo page shows no element to copy");
  return { src, integrity };
}

export interface SiteOptions {
  readonly parley: string;
  readonly loader: Loader;
  /** Which channel the pages show; asked at each request. */
  readonly channelId: () => string;
}

function toPolicy(parley: string): string {
  const sources = [`script-src ${parley}`, `frame-src ${parley}`, "style-src 'self'"];
  const types = ["require-trusted-types-for 'script'", "trusted-types 'none'"];
  const none = ["base-uri 'none'", "form-action 'none'", "object-src 'none'"];
  return ["default-src 'none'", ...sources, ...none, ...types].join("; ");
}

function toBody(path: string, { parley, loader, channelId }: SiteOptions): string {
  const script = `<script async src="${loader.src}" data-channel="${channelId()}"
    integrity="${loader.integrity}" crossorigin="anonymous"></script>`;
  const scripts = path === "/bare" || path === "/framing" ? "" : path === "/twice" ? script + script : script;
  const frame = path === "/framing" ? `<iframe title="Framed" src="${parley}/embed/${channelId()}"></iframe>` : "";
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="/site.css">${scripts}</head>
    <body><main><h1>Shop</h1><p>Lamps and chairs.</p><button type="button">Ask us</button>${frame}</main></body></html>`;
}

const style = "body { margin: 0; font: 16px sans-serif; color: #111; background: #fff } main { padding: 16px }";
const isolation = {
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
};

/**
 * Starts the website: `/` shows the chat, `/isolated` does so in a page that isolates itself, `/twice` has two script
 * elements, `/framing` frames the chat without the loader, `/bare` has none.
 */
export async function startSite(options: SiteOptions): Promise<Site> {
  const server = createServer(({ url: path = "/" }, response) => {
    if (path === "/site.css") {
      response.writeHead(200, { "content-type": "text/css" }).end(style);
      return;
    }
    const more = path === "/isolated" ? isolation : {};
    const policy = { "content-security-policy": toPolicy(options.parley) };
    response.writeHead(200, { "content-type": "text/html", "cache-control": "no-store", ...policy, ...more });
    response.end(toBody(path, options));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    // Another host than Parley's, so that browsers hold the frame for a third party's.
    origin: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
