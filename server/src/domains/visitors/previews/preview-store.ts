// The SQL of link previews. A preview is stored once; whoever comes second changes nothing.

import { fromUuid, type MessageId, toUuid } from "../../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../../platform/db/index.ts";

const insertPreviewSql = appStatement<never>(
  "visitors.insert_preview",
  `insert into link_previews (organisation_id, app_id, message_id, content) values ($1, $2, $3, $4)
   on conflict do nothing`,
);

/** Stores a preview, unless there is one. */
export async function insertPreview(tx: TenantTx, messageId: MessageId, content: Buffer): Promise<void> {
  await tx.query(insertPreviewSql, [toUuid(messageId), content]);
}

const listPreviewsSql = appStatement<{ message_id: string; content: Buffer }>(
  "visitors.list_previews",
  `select message_id, content from link_previews
   where organisation_id = $1 and app_id = $2 and message_id = any($3::uuid[])`,
);

/** The stored previews of some messages. */
export async function listPreviewRows(
  tx: TenantTx,
  messageIds: readonly MessageId[],
): Promise<{ readonly messageId: MessageId; readonly content: Buffer }[]> {
  const rows = await tx.query(listPreviewsSql, [messageIds.map(toUuid)]);
  return rows.map(({ message_id, content }) => ({ messageId: fromUuid("message", message_id), content }));
}
