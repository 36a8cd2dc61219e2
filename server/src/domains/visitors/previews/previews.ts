// Previews of the first link in what a bot or an agent wrote: the page is fetched here, once, in the background, and a
// visitor's browser never goes there. What visitors write is never fetched.

import type { OutgoingMessage } from "@parley/engine";
import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type ConversationId, type MessageId, type Tenant, toUuid } from "../../../kernel/ids.ts";
import type { Database, TenantTx } from "../../../platform/db/index.ts";
import type { Job, Jobs } from "../../../platform/jobs/index.ts";
import type { Logger } from "../../../platform/log/log.ts";
import type { OutboundClient } from "../../../platform/outbound/index.ts";
import { findMessage, openMessage } from "../../conversations/index.ts";
import type { FilePlace, FileView, RemoteInput } from "../../files/index.ts";
import type { Field, Keychain, Sealer } from "../../keys/index.ts";
import { fetchPreview } from "./fetch-preview.ts";
import { findPreviewLink } from "./find-link.ts";
import { insertPreview, listPreviewRows } from "./preview-store.ts";

/** A preview as stored. Its picture is a copy kept under `toPreviewImageKey`. */
export interface LinkPreview {
  readonly url: string;
  readonly title: string;
  readonly description?: string;
  readonly image?: {
    readonly url: string;
    readonly type: string;
    readonly width?: number | undefined;
    readonly height?: number | undefined;
  };
}

/** The message a preview is for. */
interface Linking {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}

export interface PreviewPayload extends Tenant, Linking {}

export interface PreviewOptions {
  readonly jobs: Jobs;
  readonly database: Pick<Database, "withTenant">;
  readonly keychain: Pick<Keychain, "sealerFor">;
  readonly outbound: Pick<OutboundClient, "request">;
  /** Keeps a copy of a picture: `keepRemote` of files. */
  readonly keepImage: (place: FilePlace, input: RemoteInput) => Promise<FileView>;
  readonly log: Pick<Logger, "warn">;
}

const actor = { kind: "system", job: "link-previews" } as const;

function toField(messageId: MessageId): Field {
  return { table: "link_previews", column: "content", row: toUuid(messageId) };
}

/** The key under which files keep the picture of a message's preview. */
export function toPreviewImageKey(messageId: MessageId): string {
  return `${messageId} preview`;
}

/** The link of an outgoing message that a preview is made of; undefined when there is none. */
function findMessageLink(message: OutgoingMessage): string | undefined {
  const text = "text" in message ? message.text : "caption" in message ? message.caption : undefined;
  return text === undefined ? undefined : findPreviewLink(text);
}

/** The link of a stored message; undefined when there is none, or its preview is there. */
async function findStoredLink(tx: TenantTx, linking: Linking, sealer: Sealer): Promise<string | undefined> {
  const { conversationId, messageId } = linking;
  const stored = await findMessage(tx, conversationId, messageId);
  // SECURITY: only what a bot or an agent wrote is followed, so no visitor makes us call an address by writing it.
  const isOurs = stored?.direction === "outbound" && (stored.source === "bot" || stored.source === "manual");
  if (!isOurs || (await listPreviewRows(tx, [messageId])).length > 0) return undefined;
  const content = openMessage(stored, sealer);
  return content.direction === "outbound" ? findMessageLink(content.message) : undefined;
}

async function keepImage(
  { keepImage: keep, log }: PreviewOptions,
  place: FilePlace,
  { url, messageId }: { url: string | undefined; messageId: MessageId },
): Promise<LinkPreview["image"]> {
  if (url === undefined) return undefined;
  try {
    const { kind, type, width, height } = await keep(place, { url, key: toPreviewImageKey(messageId) });
    return kind === "image" ? { url, type, width, height } : undefined;
  } catch (error) {
    // A preview without its picture is one.
    log.warn({ error, messageId }, "the picture of a link preview was not kept");
    return undefined;
  }
}

/** Declares the job that makes the preview of one message. Made again it changes nothing. */
export function createPreviewJob(options: PreviewOptions): Job<PreviewPayload> {
  const { jobs, database, keychain, outbound } = options;
  return jobs.defineJob({
    name: "visitors.preview",
    payload: z.strictObject({
      organisationId: idOf("organisation"),
      appId: idOf("app"),
      conversationId: idOf("conversation"),
      messageId: idOf("message"),
    }),
    retry: { limit: 2, delaySeconds: 30, delaySecondsMax: 120 },
    expirySeconds: 60,
    concurrency: 2,
    async run({ organisationId, appId, conversationId, messageId }) {
      const tenant = { organisationId, appId };
      const sealer = await keychain.sealerFor(tenant, { actor, reason: "preview" });
      const linking = { conversationId, messageId };
      const link = await database.withTenant(actor, tenant, (tx) => findStoredLink(tx, linking, sealer));
      const found = link === undefined ? undefined : await fetchPreview({ outbound }, link);
      if (found === undefined) return;
      const { url, title, description, imageUrl } = found;
      const image = await keepImage(options, { actor, tenant }, { url: imageUrl, messageId });
      const preview: LinkPreview = { url, title, ...(description && { description }), ...(image && { image }) };
      const fresh = await keychain.sealerFor(tenant, { actor, reason: "preview" });
      const sealed = fresh.seal(toField(messageId), JSON.stringify(preview));
      await database.withTenant(actor, tenant, (tx) => insertPreview(tx, messageId, sealed));
    },
  });
}

/** Queues the preview of an outgoing message in this transaction, if it has a link. The channel must ask for previews. */
export async function queuePreview(
  tx: TenantTx,
  { jobs, job }: { readonly jobs: Pick<Jobs, "enqueue">; readonly job: Job<PreviewPayload> },
  { conversationId, messageId, message }: Linking & { readonly message: OutgoingMessage },
): Promise<void> {
  if (findMessageLink(message) === undefined) return;
  await jobs.enqueue(tx, job, {
    payload: { ...tx.tenant, conversationId, messageId },
    singletonKey: messageId,
  });
}

/** The previews of some messages, by message. */
export async function listPreviews(
  tx: TenantTx,
  messageIds: readonly MessageId[],
  sealer: Sealer,
): Promise<ReadonlyMap<MessageId, LinkPreview>> {
  if (messageIds.length === 0) return new Map();
  const rows = await listPreviewRows(tx, messageIds);
  return new Map(
    rows.map(({ messageId, content }) => {
      const preview = JSON.parse(sealer.open(toField(messageId), content).toString("utf8"));
      return [messageId, preview as LinkPreview];
    }),
  );
}
