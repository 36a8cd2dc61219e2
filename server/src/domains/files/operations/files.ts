// Files over the API: keep one, list, look at, fetch, delete. What was sent in conversations shows only to those who may
// read conversations; to everybody else it does not exist.

import { z } from "zod";
import { type Caller, channelLimitsOf } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import type { FileId } from "../../../kernel/ids.ts";
import { afterCommit, FileAnswer, type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { recordAudit } from "../../audit/index.ts";
import { expandScopes } from "../../organisations/index.ts";
import type { FileDeps } from "../deps.ts";
import { fileErrors } from "../errors.ts";
import { deleteFile, findFile, listFiles, toFileBody } from "../find-file.ts";
import { prepareFile, storeFile } from "../keep-file.ts";
import { FileView, fileFields, fileKinds, fileLimits, type KeptFile } from "../types.ts";

const path = "/api/v1/files";
const one = `${path}/{fileId}` as const;
const params = z.strictObject({ fileId: idOf("file") });
const guards = { scope: "app", channel: "filters", stepUp: false } as const;

const KeptFileView = z.object({
  ...fileFields,
  /** `app`: the app's own. `upload`: sent in a conversation. `remote`: a copy of what a message shows. */
  purpose: z.enum(["upload", "remote", "app"]),
  channelId: idOf("channel").optional(),
  createdAt: z.iso.datetime(),
});

function toKeptView({ view, purpose, owner, createdAt }: KeptFile): z.infer<typeof KeptFileView> {
  const { channelId } = owner;
  return { ...view, purpose, ...(channelId === undefined ? {} : { channelId }), createdAt: createdAt.toISOString() };
}

/** Whether what people send in conversations is open to the caller. */
function seesConversations(actor: Caller): boolean {
  return expandScopes(actor.kind === "anonymous" ? [] : actor.scopes).includes("conversation:read");
}

/** SECURITY: another channel's file, and a conversation's to whoever may not read it, answer like none. */
function isInSight(actor: Caller, { purpose, owner }: KeptFile): boolean {
  if (purpose !== "app" && !seesConversations(actor)) return false;
  const limits = channelLimitsOf(actor);
  return limits === undefined || limits.some((channelId) => channelId === owner.channelId);
}

async function getFile(deps: FileDeps, tx: TenantTx, sought: { actor: Caller; fileId: FileId }): Promise<KeptFile> {
  const file = await findFile(deps, tx, sought.fileId);
  if (file === undefined || !isInSight(sought.actor, file)) throw new AppError(fileErrors.notFound);
  return file;
}

function createOperation(deps: FileDeps): Operation {
  const name = "files.create";
  const audit = "file.created";
  return operation({
    ...guards,
    name,
    summary: "Keeps a file of the app: the bytes are the body. Its type is found in the bytes and must fit the name.",
    method: "POST",
    path,
    query: z.strictObject({ name: z.string().min(1).max(400), channelId: idOf("channel").optional() }),
    takesBytes: true,
    bodyBytesMax: fileLimits.bytesMax,
    output: FileView,
    successStatus: 201,
    permission: "file:write",
    channel: { field: "channelId" },
    audit: { none: "recorded with the file, in the transaction that stores it" },
    rate: "write",
    async run({ tx, actor, input, bytes, requestId, origin }) {
      const place = { actor, tenant: tx.tenant };
      const { channelId } = input;
      const targets = channelId === undefined ? {} : { channelId };
      // After the commit, because a scanner may take its time, and no transaction waits for that.
      return afterCommit(async () => {
        const given = { bytes, name: input.name, purpose: "app", owner: { channelId } } as const;
        const prepared = await prepareFile(deps, place, given);
        const view = await deps.database.withTenant(actor, place.tenant, async (storing) => {
          const { fileId } = prepared;
          const entry = { action: audit, operation: name, requestId, remoteAddress: origin.address };
          await recordAudit(storing, { ...entry, targets: { ...targets, fileId } });
          return storeFile(deps, storing, prepared);
        });
        return { status: 201, body: FileView.parse(view) };
      });
    },
  });
}

function createListOperation(deps: FileDeps): Operation {
  return operation({
    ...guards,
    name: "files.list",
    summary: "Files, newest first: the app's own, and those sent in conversations to whoever may read these.",
    method: "GET",
    path,
    query: z.strictObject({
      first: queryInteger(1, 100).optional(),
      after: idOf("file").optional(),
      kind: z.enum(fileKinds).optional(),
    }),
    output: z.object({ items: z.array(KeptFileView).max(100), after: idOf("file").optional() }),
    permission: "file:read",
    audit: "file.listed",
    rate: "read",
    async run({ tx, actor, input }) {
      const { first = 50, after, kind } = input;
      const filter = { first, after, kind, channelIds: channelLimitsOf(actor), withUploads: seesConversations(actor) };
      const items = (await listFiles(deps, tx, filter)).map(toKeptView);
      const last = items.at(-1)?.fileId;
      return { items, ...(items.length === first && last !== undefined ? { after: last } : {}) };
    },
  });
}

function createGetOperation(deps: FileDeps): Operation {
  return operation({
    ...guards,
    name: "files.get",
    summary: "What a file is.",
    method: "GET",
    path: one,
    params,
    output: KeptFileView,
    permission: "file:read",
    audit: "file.seen",
    rate: "read",
    run: async ({ tx, actor, input }) => toKeptView(await getFile(deps, tx, { actor, fileId: input.fileId })),
  });
}

function createContentOperation(deps: FileDeps): Operation {
  return operation({
    ...guards,
    name: "files.content",
    summary: "The bytes of a file, always as something to save.",
    method: "GET",
    path: `${one}/content`,
    params,
    output: z.object({}),
    permission: "file:read",
    audit: "file.read",
    rate: "read",
    async run({ tx, actor, input }) {
      const file = await getFile(deps, tx, { actor, fileId: input.fileId });
      return new FileAnswer(toFileBody(deps, tx, file));
    },
  });
}

function createDeleteOperation(deps: FileDeps): Operation {
  return operation({
    ...guards,
    name: "files.delete",
    summary: "Deletes a file for good. Messages that show it show that it is gone.",
    method: "DELETE",
    path: one,
    params,
    output: z.object({}),
    successStatus: 204,
    permission: "file:write",
    audit: "file.deleted",
    rate: "write",
    async run({ tx, actor, input }) {
      const { fileId } = await getFile(deps, tx, { actor, fileId: input.fileId });
      if (!(await deleteFile(tx, fileId))) throw new AppError(fileErrors.notFound);
      return {};
    },
  });
}

/** The operations on files. */
export function createFileOperations(deps: FileDeps): readonly Operation[] {
  return [
    createOperation(deps),
    createListOperation(deps),
    createGetOperation(deps),
    createContentOperation(deps),
    createDeleteOperation(deps),
  ];
}
