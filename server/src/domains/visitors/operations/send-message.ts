// POST messages: what a visitor says. Goes the way of every channel's events; said again with the same clientId it is heard
// once. With the first message the visitor's session is stored, and nothing before.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import type { FileId } from "../../../kernel/ids.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { InboundMessage, Json } from "../../channels/index.ts";
import { findMessage, openMessage } from "../../conversations/index.ts";
import { attachFile, type FileView, fileErrors, findFile } from "../../files/index.ts";
import { visitorErrors } from "../errors.ts";
import { isOffered } from "../message-view.ts";
import { assertMayBegin, Heard, say, sendingFields, toPlatformId } from "./begin.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { channelParams } from "./start.ts";
import { type Visit, visit } from "./visit.ts";

/** The language the visitor reads; the bot begins in it. */
const locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, { error: "must be a language tag such as en or zh-Hant" })
  .optional();
const text = z
  .string()
  .min(1)
  .max(4000)
  .refine((value) => value.trim() !== "", { error: "must not be blank" });
const title = z.string().min(1).max(512);

const Body = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), ...sendingFields, locale, text }),
  z.strictObject({
    type: z.literal("payload"),
    ...sendingFields,
    locale,
    payload: z.string().min(1).max(1024),
    title,
    /** The message that offered the choice; without it, the channel's quick starts did. */
    messageId: idOf("message").optional(),
  }),
  z.strictObject({
    type: z.literal("file"),
    ...sendingFields,
    locale,
    fileId: idOf("file"),
    text: text.optional(),
  }),
]);
type Body = z.infer<typeof Body>;

/** SECURITY: payloads stand for what a bot offered; nobody makes one up to reach a node that was not. */
async function assertOffered(tx: TenantTx, visited: Visit, choice: Extract<Body, { type: "payload" }>): Promise<void> {
  const { conversation, sealer, web } = visited;
  const isQuickStart = web.quickStarts.some(
    (one) => "payload" in one && one.payload === choice.payload && one.title === choice.title,
  );
  if (choice.messageId === undefined && isQuickStart) return;
  const stored =
    choice.messageId === undefined || conversation === undefined
      ? undefined
      : await findMessage(tx, conversation.conversationId, choice.messageId);
  const content = stored === undefined ? undefined : openMessage(stored, sealer);
  if (content?.direction === "outbound" && isOffered(content.message, choice)) return;
  throw new AppError(visitorErrors.notOffered);
}

function toMedia(file: FileView): Json {
  const { fileId, name, type, bytes, width, height } = file;
  return { fileId, name, type, bytes, ...(width === undefined || height === undefined ? {} : { width, height }) };
}

/** SECURITY: a visitor sends what they uploaded themselves; anybody else's file is none. */
async function takeFile(
  { files }: VisitorDeps,
  tx: TenantTx,
  { visited, fileId }: { visited: Visit; fileId: FileId },
): Promise<FileView> {
  const { visitorId, channelId } = visited.actor;
  const isOwn = await attachFile(tx, fileId, { visitorId, channelId, memberKey: visited.who.externalKey });
  const file = isOwn ? await findFile(files, tx, fileId) : undefined;
  if (file === undefined) throw new AppError(fileErrors.notFound);
  return file.view;
}

/** What was said, as the pipeline takes it. */
async function toInbound(
  deps: VisitorDeps,
  tx: TenantTx,
  { visited, body, nowMs }: { visited: Visit; body: Body; nowMs: number },
): Promise<InboundMessage> {
  const { actor, who } = visited;
  const base = {
    kind: "message",
    platformMessageId: toPlatformId(actor, body.clientId),
    externalId: who.externalId,
    ...(who.identity?.name === undefined ? {} : { profileName: who.identity.name }),
    ...(body.locale === undefined ? {} : { locale: body.locale }),
    sentAtMs: nowMs,
  } as const;
  if (body.type === "text") return { ...base, type: "text", text: body.text };
  if (body.type === "payload") {
    await assertOffered(tx, visited, body);
    return { ...base, type: "payload", payload: body.payload, title: body.title };
  }
  const file = await takeFile(deps, tx, { visited, fileId: body.fileId });
  const caption = body.text === undefined ? {} : { text: body.text };
  return { ...base, type: file.kind, data: { media: toMedia(file) }, ...caption };
}

export function createSendMessage(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.sendMessage",
    summary: "Says something. The same clientId is heard once, however often it is sent.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/messages",
    params: channelParams,
    body: Body,
    output: Heard,
    successStatus: 202,
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "messages are kept as messages" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, requestId, origin }) {
      const visited = await visit(deps, tx, actor);
      const { clientId, proof } = input;
      const remember = await guardAct(deps, tx, { ...visited, act: "message", address: origin.address, proof });
      assertMayBegin(visited, input.consent);
      const message = await toInbound(deps, tx, { visited, body: input, nowMs: deps.clock.nowMs() });
      return say(deps, tx, { visited, message, clientId, requestId, remember });
    },
  });
}
