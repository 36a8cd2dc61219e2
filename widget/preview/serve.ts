// Builds the preview and serves it on loopback under the policy of the embed page: `node widget/preview/serve.ts` prints
// the address. `/states/<name>` is a state alone, `/host/<name>` a shop's page with the widget in its corner.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "vite";
import { drawingAlias } from "../../scripts/widget-config.ts";
import { listSamples } from "./states.ts";

/** As the server writes it, with the preview's own page allowed to frame it. */
const policy =
  "default-src 'none'; script-src 'nonce-preview' 'strict-dynamic'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

const statePage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Chat</title><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><link rel="stylesheet" href="/preview.css"></head><body><div id="chat"></div><script type="module" nonce="preview" src="/preview.js"></script></body></html>`;

const hostScript = `const frame = document.querySelector("iframe");
addEventListener("message", ({ data: { state, width, height } }) => {
  if (!width) return;
  if (state === "open" && frame.dataset.state !== state) setTimeout(() => frame.focus());
  frame.dataset.state = state;
  const isFull = state === "open" && innerWidth < 480;
  Object.assign(frame.style, { width: isFull ? "100%" : width + "px", height: isFull ? "100%" : height + "px", maxHeight: "100%" });
});`;

const hostPage = (
  path: string,
) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{margin:0;font:16px/1.6 Georgia,serif;color:#333;background:#faf8f4}main{max-width:760px;margin:auto;padding:48px 24px}h1{font-size:40px}i{display:block;height:260px;background:#e7dfd0;border-radius:8px}iframe{position:fixed;right:0;bottom:0;border:0;width:92px;height:92px;color-scheme:light}
@media(prefers-color-scheme:dark){body{background:#1d1b18;color:#ccc}i{background:#36322b}}</style></head>
<body><main><h1>Lamps of oak</h1><i></i><p>Made by hand, made to last. Every lamp is turned from one piece of wood and oiled three times.</p><p>Choose a shade of linen or of paper.</p></main>
<iframe sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads" title="Chat" src="${path}"></iframe><script>${hostScript}</script></body></html>`;

async function bundle(alias: typeof drawingAlias): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root: join(import.meta.dirname, ".."),
    configFile: false,
    envDir: false,
    logLevel: "warn",
    mode: "production",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    resolve: { alias },
    build: {
      write: false,
      target: "es2022",
      minify: false,
      cssMinify: false,
      modulePreload: false,
      rolldownOptions: {
        input: join(import.meta.dirname, "preview.tsx"),
        output: { entryFileNames: "preview.js", chunkFileNames: "[name].js", assetFileNames: "preview.css" },
      },
    },
  });
  const parts = (Array.isArray(result) ? result : [result]).flatMap((one) => ("output" in one ? one.output : []));
  return new Map(parts.map((part) => [`/${part.fileName}`, part.type === "chunk" ? part.code : String(part.source)]));
}

export interface WidgetPreview {
  readonly origin: string;
  readonly names: readonly string[];
  close(): Promise<void>;
}

/** Builds and serves; port 0 takes a free one. With an empty alias Preact itself draws. */
export async function startWidgetPreview(port = 0, alias = drawingAlias): Promise<WidgetPreview> {
  const files = await bundle(alias);
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://preview.invalid");
    const file = files.get(pathname);
    if (file !== undefined) {
      // A browser keeps what it has compiled of it.
      response.setHeader("Cache-Control", "max-age=3600");
      response.setHeader("Content-Type", pathname.endsWith(".css") ? "text/css" : "text/javascript");
      return response.end(file);
    }
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    if (pathname === "/favicon.ico") response.statusCode = 204;
    if (pathname.startsWith("/host/")) return response.end(hostPage(pathname.replace("/host/", "/states/") + search));
    response.setHeader("Content-Security-Policy", policy);
    return response.end(pathname.startsWith("/states/") ? statePage : "");
  });
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    names: Object.keys(listSamples(0)),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

if (import.meta.main) {
  const { origin, names } = await startWidgetPreview(Number(process.argv[2] ?? 0));
  process.stdout.write(`${names.map((name) => `${origin}/host/${name}`).join("\n")}\n`);
}
