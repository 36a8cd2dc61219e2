// Tells the streams of visitors, in whichever process they are open, that their conversation has news: in the transaction
// that makes it true, so that nobody hears of what did not happen.

import type { TenantTx } from "../../../platform/db/index.ts";
import { mayBeWebMember } from "../../channels/index.ts";
import { type ConversationEvent, toExternalKey, toMemberKey } from "../../conversations/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { notify } from "../store.ts";
import { type News, toNotice } from "./keys.ts";

function findExternalId(event: ConversationEvent): string | undefined {
  if (event.kind === "inbound") return event.message.externalId;
  return "externalId" in event ? event.externalId : undefined;
}

function toNews(event: ConversationEvent): News {
  if (event.kind !== "typing") return "news";
  return event.isTyping ? "typing" : "silent";
}

/**
 * Publishes events of one app to visitors. Judged by the member's id, so that events of other channels cost no look-up of
 * theirs; one that is called alike there costs a notice that no stream waits for, because a notice names the channel.
 */
export async function publishToVisitors(
  tx: TenantTx,
  events: readonly ConversationEvent[],
  sealer: Sealer,
): Promise<void> {
  const notices = new Set<string>();
  for (const event of events) {
    const externalId = findExternalId(event);
    if (externalId === undefined || !mayBeWebMember(externalId)) continue;
    const { channelId } = event;
    notices.add(toNotice(toMemberKey(channelId, toExternalKey(sealer, channelId, externalId)), toNews(event)));
  }
  if (notices.size > 0) await notify(tx, [...notices]);
}
