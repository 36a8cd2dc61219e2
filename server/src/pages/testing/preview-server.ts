// A loopback server that shows every page with its real headers and assets. What is posted to it is kept for the test that
// posted; nothing else happens.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { drawBytes } from "../../platform/crypto/random.ts";
import { listAssetHeaders } from "../../platform/http/document-headers.ts";
import type { HeaderList } from "../../platform/http/surface-headers.ts";
import { listPageAssets, listPageHeaders } from "../index.ts";
import type { FormPageView } from "../page-view.ts";
import { samplePages } from "./sample-pages.ts";
import { hostileNames, ordinaryNames } from "./sample-people.ts";

export interface Post {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly fields: Readonly<Record<string, string>>;
}

export interface Preview {
  /** `http://localhost:<port>`: a name, because passkeys belong to names. */
  readonly origin: string;
  readonly posts: readonly Post[];
  close(): Promise<void>;
}

export const sampleCsrf = "sample-csrf-token";

function send(response: ServerResponse, headers: HeaderList, body: Buffer | string): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.end(body);
}

async function readPost(request: IncomingMessage): Promise<Post> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString("utf8")));
  return { path: request.url ?? "", headers: request.headers, fields };
}

/** The page of the address `/<name>` or `/hostile/<name>`, or undefined. */
function findPage(url: URL, base: FormPageView): string | undefined {
  const [, first = "", second = ""] = url.pathname.split("/");
  const isHostile = first === "hostile";
  const page = samplePages[isHostile ? second : first];
  return page && String(page(base, isHostile ? hostileNames : ordinaryNames));
}

/** Starts the preview on a free port of the loopback interface. */
export async function startPreview(port = 0): Promise<Preview> {
  const posts: Post[] = [];
  const assets = new Map(listPageAssets().map((asset) => [asset.path, asset]));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const asset = assets.get(url.pathname);
    if (asset !== undefined) return send(response, listAssetHeaders(asset), asset.body);
    if (request.method === "POST") posts.push(await readPost(request));
    const nonce = drawBytes(18).toString("base64");
    const name = request.method === "POST" ? "/signed-out" : url.pathname;
    const page = findPage(new URL(name, url), { nonce, csrf: sampleCsrf });
    response.statusCode = page === undefined ? 404 : 200;
    send(response, listPageHeaders({ nonce, isHttps: false, publicOrigin: url.origin }), page ?? "");
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    posts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
