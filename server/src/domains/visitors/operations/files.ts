// What a visitor uploads, and what a conversation shows: files of this server alone.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type FileId, parseId } from "../../../kernel/ids.ts";
import { afterCommit, FileAnswer, type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { findMessage, openMessage } from "../../conversations/index.ts";
import {
  type FilePlace,
  FileView,
  fileErrors,
  fileLimits,
  findFile,
  type KeptFile,
  keepFile,
  keepRemote,
  toFileBody,
} from "../../files/index.ts";
import { visitorErrors } from "../errors.ts";
import { listMedia, previewIndex } from "../message-view.ts";
import { listPreviews, toPreviewImageKey } from "../previews/previews.ts";
import { assertMayBegin } from "./begin.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { channelParams } from "./start.ts";
import { type Visit, visit } from "./visit.ts";

const guards = {
  scope: "visitor",
  permission: { none: "a visitor's own conversation" },
  stepUp: false,
} as const;

/** Twice the size of a telephone's photograph. */
const uploadBytesMax = 10 * 1024 * 1024;

export function createUpload(deps: VisitorDeps): Operation {
  return operation({
    ...guards,
    name: "chat.upload",
    summary:
      "Keeps a file until a message holds it, a day at most. Its type is found in the bytes and must fit the name.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/files",
    params: channelParams,
    query: z.strictObject({ name: z.string().min(1).max(400), consent: z.literal("true").optional() }),
    takesBytes: true,
    bodyBytesMax: Math.min(uploadBytesMax, fileLimits.bytesMax),
    output: FileView,
    successStatus: 201,
    audit: { none: "what a visitor sends is kept with their messages" },
    rate: "write",
    async run({ tx, actor, input, bytes, origin }) {
      const visited = await visit(deps, tx, actor);
      if (!visited.web.uploads) throw new AppError(visitorErrors.uploadsOff);
      assertMayBegin(visited, input.consent === "true");
      await guardAct(deps, tx, { ...visited, act: "upload", address: origin.address });
      const { visitorId, channelId } = visited.actor;
      const owner = { visitorId, channelId, memberKey: visited.who.externalKey };
      const place = { actor: visited.actor, tenant: tx.tenant };
      // After the commit, because a scanner may take its time, and no transaction waits for that.
      return afterCommit(async () => {
        const view = await keepFile(deps.files, place, { bytes, name: input.name, purpose: "upload", owner });
        return { status: 201, body: FileView.parse(view) };
      });
    },
  });
}

/** SECURITY: a file is its visitor's, on every device where the website vouches for them; to all others it does not exist. */
function isOwn({ owner, purpose }: KeptFile, { actor, who }: Visit): boolean {
  if (purpose !== "upload" || owner.channelId !== actor.channelId) return false;
  return owner.visitorId === actor.visitorId || owner.memberKey?.equals(who.externalKey) === true;
}

export function createReadFile(deps: VisitorDeps): Operation {
  return operation({
    ...guards,
    name: "chat.readFile",
    summary: "A file the visitor uploaded.",
    method: "GET",
    path: "/chat/v1/channels/{channelId}/files/{fileId}",
    params: channelParams.extend({ fileId: idOf("file") }),
    output: z.object({}),
    answers: "application/octet-stream",
    audit: { none: "a visitor reads what they sent" },
    rate: "read",
    async run({ tx, actor, input, origin }) {
      const visited = await visit(deps, tx, actor);
      await guardAct(deps, tx, { ...visited, act: "call", address: origin.address });
      const file = await findFile(deps.files, tx, input.fileId);
      if (file === undefined || !isOwn(file, visited)) throw new AppError(fileErrors.notFound);
      const place = { actor: visited.actor, tenant: tx.tenant };
      return new FileAnswer(toFileBody(deps.files, place, file));
    },
  });
}

/** Where a medium of a message comes from: a file of the app, or a copy that is fetched once. */
interface Source {
  readonly url: string;
  readonly key: string;
}

/** The medium at a place of one of the conversation's messages. Throws 404 when nothing is shown there. */
async function getSource(
  tx: TenantTx,
  visited: Visit,
  at: { messageId: `msg_${string}`; index: number },
): Promise<Source> {
  const { conversation, sealer } = visited;
  const { messageId, index } = at;
  const stored = conversation && (await findMessage(tx, conversation.conversationId, messageId));
  const content = stored && openMessage(stored, sealer);
  if (content?.direction !== "outbound") throw new AppError(visitorErrors.messageNotFound);
  if (index === previewIndex) {
    const image = (await listPreviews(tx, [messageId], sealer)).get(messageId)?.image;
    if (image !== undefined) return { url: image.url, key: toPreviewImageKey(messageId) };
  }
  const url = listMedia(content.message)[index];
  if (url === undefined || url === "") throw new AppError(visitorErrors.messageNotFound);
  return { url, key: `${messageId} ${index}` };
}

async function findKept(
  deps: VisitorDeps,
  { actor, tenant }: FilePlace,
  fileId: FileId | undefined,
): Promise<KeptFile> {
  const file = fileId && (await deps.database.withTenant(actor, tenant, (tx) => findFile(deps.files, tx, fileId)));
  if (file === undefined) throw new AppError(fileErrors.notFound);
  return file;
}

/** SECURITY: what a bot shows by a file's id is the app's own or a copy, never what somebody uploaded. */
function assertShowable(file: KeptFile): KeptFile {
  if (file.purpose === "upload") throw new AppError(fileErrors.notFound);
  return file;
}

export function createReadMedia(deps: VisitorDeps): Operation {
  return operation({
    ...guards,
    name: "chat.readMedia",
    summary: "What a message shows. What lies elsewhere was fetched by this server, once, and checked.",
    method: "GET",
    path: "/chat/v1/channels/{channelId}/messages/{messageId}/media/{index}",
    params: channelParams.extend({ messageId: idOf("message"), index: queryInteger(0, previewIndex) }),
    output: z.object({}),
    answers: "application/octet-stream",
    audit: { none: "a visitor reads what they were told" },
    rate: "read",
    async run({ tx, actor, input, origin }) {
      const visited = await visit(deps, tx, actor);
      await guardAct(deps, tx, { ...visited, act: "call", address: origin.address });
      const source = await getSource(tx, visited, input);
      const place = { actor: visited.actor, tenant: tx.tenant };
      return afterCommit(async () => {
        const own = source.url.startsWith("file:") ? source.url.slice("file:".length) : undefined;
        const fileId = own === undefined ? (await keepRemote(deps.files, place, source)).fileId : parseId("file", own);
        const file = assertShowable(await findKept(deps, place, fileId));
        return new FileAnswer(toFileBody(deps.files, place, file));
      });
    },
  });
}
