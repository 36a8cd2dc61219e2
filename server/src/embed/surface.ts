// Binds what websites fetch: the loader, the frame of each channel, the files of both, and the demo page. None of it reads
// or sets a cookie; who asks decides nothing but whether the page stands in a frame.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Channel, WebSettings } from "../domains/channels/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { type ChannelId, type FileId, parseId } from "../kernel/ids.ts";
import { drawBytes } from "../platform/crypto/random.ts";
import type { Html } from "../platform/html/index.ts";
import type { Asset } from "../platform/http/asset.ts";
import { listAssetHeaders } from "../platform/http/document-headers.ts";
import { type Surface, toRouterPath } from "../platform/http/index.ts";
import type { HeaderList } from "../platform/http/surface-headers.ts";
import { demoAssets } from "./assets.ts";
import { avatarPath, toWidgetConfig } from "./config.ts";
import { demoPage } from "./demo-page.ts";
import { chooseEncoding, encode } from "./encode.ts";
import { embedErrors } from "./errors.ts";
import { framePage, refusalPage } from "./frame-page.ts";
import { listDemoHeaders, listFrameHeaders, listLoaderHeaders, listRefusalHeaders } from "./headers.ts";
import type { WidgetFiles } from "./widget-files.ts";

export interface Avatar {
  readonly contentType: string;
  readonly body: Buffer;
}

export interface EmbedOptions {
  readonly findChannel: (channelId: ChannelId) => Promise<Channel | undefined>;
  /** The built widget; undefined where nothing was built. */
  readonly files: WidgetFiles | undefined;
  readonly clock: Clock;
  /** Where people reach the server; undefined where none is configured, then it is the host that was asked. */
  readonly publicOrigin: string | undefined;
  readonly isHttps: boolean;
  /** A file of the channel's app; undefined when there is none. */
  readonly findAvatar?: (channel: Channel, fileId: FileId) => Promise<Avatar | undefined>;
}

type WebChannel = Channel & { readonly web: WebSettings };

/** The channel of the address, when it is a web channel and switched on. */
async function findOpen({ findChannel }: EmbedOptions, request: FastifyRequest): Promise<WebChannel | undefined> {
  const channelId = parseId("channel", (request.params as { channelId?: string }).channelId);
  const channel = channelId === undefined ? undefined : await findChannel(channelId);
  const web = channel?.web;
  return channel?.enabled !== true || web === undefined ? undefined : { ...channel, web };
}

function send(reply: FastifyReply, headers: HeaderList, body: Html | Buffer): FastifyReply {
  // The surface forbids framing for whatever goes wrong; what may be framed says so by its own policy.
  reply.removeHeader("x-frame-options");
  for (const [name, value] of headers) reply.header(name, value);
  return reply.send(Buffer.isBuffer(body) ? body : body.toString());
}

function refuse(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return send(reply.code(status), listRefusalHeaders(), refusalPage(sentence));
}

function getFiles({ files }: EmbedOptions): WidgetFiles {
  if (files === undefined) throw new AppError(embedErrors.notBuilt);
  return files;
}

/** Browsers that do not say what a request is for are let through; `frame-ancestors` holds for them all the same. */
function isFramed({ headers }: FastifyRequest): boolean {
  const purpose = headers["sec-fetch-dest"];
  return purpose === undefined || purpose === "iframe" || purpose === "frame";
}

async function answerFrame(options: EmbedOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.header("vary", "Sec-Fetch-Dest");
  const channel = await findOpen(options, request);
  if (channel === undefined) return refuse(reply, 404, "There is no chat here.");
  const { web, channelId } = channel;
  // SECURITY: an empty list is nobody; and nothing of a channel is shown outside a frame.
  if (web.origins.length === 0 || !isFramed(request)) return refuse(reply, 403, "This chat is shown on its website.");
  const nonce = drawBytes(18).toString("base64url");
  const config = toWidgetConfig(channelId, web, options.clock.nowMs());
  const headers = listFrameHeaders({ nonce, ancestors: web.origins });
  return send(reply, headers, framePage(config, getFiles(options), nonce));
}

function toOrigin({ publicOrigin, isHttps }: EmbedOptions, request: FastifyRequest): string {
  const asked = URL.parse(`${isHttps ? "https" : "http"}://${request.headers.host ?? ""}`);
  // A loopback address and its name are two origins of one server, and a reader may be at either.
  const isLocal = asked !== null && /^(?:localhost|127\.0\.0\.1)$/.test(asked.hostname);
  return publicOrigin !== undefined && !isLocal ? publicOrigin : (asked?.origin ?? "");
}

async function answerDemo(options: EmbedOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const channel = await findOpen(options, request);
  if (channel?.web.demoPage !== true) return refuse(reply, 404, "There is no demo here.");
  const { channelId, name, web } = channel;
  const nonce = drawBytes(18).toString("base64url");
  const view = { channelId, name, web, files: getFiles(options), origin: toOrigin(options, request), nonce };
  return send(reply, listDemoHeaders(nonce), demoPage(view));
}

/** SECURITY: only a picture is served here, and only the one its channel shows. */
const pictureTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"]);

async function answerAvatar(
  options: EmbedOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const fileId = parseId("file", (request.params as { fileId?: string }).fileId);
  const channel = await findOpen(options, request);
  const isShown = fileId !== undefined && channel?.web.appearance.avatarFileId === fileId;
  const avatar = isShown ? await options.findAvatar?.(channel, fileId) : undefined;
  if (avatar === undefined || !pictureTypes.has(avatar.contentType)) throw new AppError(embedErrors.noAvatar);
  return send(reply, listAssetHeaders(avatar), avatar.body);
}

/** RFC 9110 13.1.2: a weak comparison of each tag the asker holds. */
function holds(request: FastifyRequest, tag: string): boolean {
  const tags = String(request.headers["if-none-match"] ?? "").split(",");
  return tags.some((one) => one.trim().replace(/^W\//, "") === tag);
}

/** Serves a file in the coding the asker prefers; nothing of it to whoever has it. */
function bindFile(scope: FastifyInstance, path: string, file: Asset, headers: HeaderList): void {
  const encodings = encode(file.body, file.integrity);
  scope.get(path, (request, reply) => {
    const { coding, body, tag } = chooseEncoding(encodings, request.headers["accept-encoding"]);
    reply.header("etag", tag).header("vary", "Accept-Encoding");
    if (holds(request, tag)) return send(reply.code(304), headers, Buffer.alloc(0));
    if (coding !== undefined) reply.header("content-encoding", coding);
    return send(reply, headers, body);
  });
}

function bindLoader(scope: FastifyInstance, options: EmbedOptions): void {
  const { files } = options;
  if (files === undefined) scope.get("/widget.js", () => getFiles(options));
  else bindFile(scope, "/widget.js", files.loader, listLoaderHeaders(files.loader.contentType, "brief"));
}

/** The surface of the loader, the frames, their files and the demo page. */
export function createEmbedSurface(options: EmbedOptions): Surface {
  return {
    name: "embed",
    register(scope) {
      const { files } = options;
      bindLoader(scope, options);
      scope.get("/embed/:channelId", (request, reply) => answerFrame(options, request, reply));
      scope.get("/demo/:channelId", (request, reply) => answerDemo(options, request, reply));
      scope.get(toRouterPath(avatarPath), (request, reply) => answerAvatar(options, request, reply));
      for (const file of files?.all ?? []) {
        const isLoader = file.path === files?.loader.path;
        const headers = isLoader ? listLoaderHeaders(file.contentType, "hashed") : listAssetHeaders(file);
        bindFile(scope, file.path, file, headers);
      }
      for (const file of Object.values(demoAssets)) {
        bindFile(scope, file.path, file, listAssetHeaders(file));
      }
    },
  };
}
