// Tells the streams of visitors, in whichever process they are open, that their conversation has news: in the transaction
// that makes it true, so that nobody hears of what did not happen.

import type { TenantTx } from "../../../platform/db/index.ts";
import { mayBeWebMember } from "../../channels/index.ts";
import { type ConversationEvent, toExternalKey, toMemberKey } from "../../conversations/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { notify } from "../store.ts";
import { type News, toNotice } from "./keys.ts";

/** The id of a member who may be a visitor. Judged by the id, so that events of other channels cost no look-up of theirs. */
function findVisitorId(event: ConversationEvent): string | undefined {
  const externalId =
    event.kind === "inbound" ? event.message.externalId : "externalId" in event ? event.externalId : "";
  return mayBeWebMember(externalId) ? externalId : undefined;
}

/** Answers whether visitors may be told of an event: none of the others needs to be published to them. */
export function mayConcernVisitors(event: ConversationEvent): boolean {
  return findVisitorId(event) !== undefined;
}

function toNews(event: ConversationEvent): News {
  if (event.kind !== "typing") return "news";
  return event.isTyping ? "typing" : "silent";
}

/**
 * Publishes events of one app to visitors. A member of another channel who is called alike costs a notice that no stream
 * waits for, because a notice names the channel.
 */
export async function publishToVisitors(
  tx: TenantTx,
  events: readonly ConversationEvent[],
  sealer: Sealer,
): Promise<void> {
  const notices = new Set<string>();
  for (const event of events) {
    const externalId = findVisitorId(event);
    if (externalId === undefined) continue;
    const { channelId } = event;
    notices.add(toNotice(toMemberKey(channelId, toExternalKey(sealer, channelId, externalId)), toNews(event)));
  }
  if (notices.size > 0) await notify(tx, [...notices]);
}
