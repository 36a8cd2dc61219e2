// The file that a message shows, or that the visitor uploaded: fetched with the token in a header, so that no address holds one.

import { isMessageId } from "./parse.ts";
import type { Visit } from "./session.ts";
import type { Media } from "./types.ts";

/** What a browser shows without running it. Anything else is for saving only. */
const shownTypes = /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

/** The file, under a type that may be shown; undefined when it cannot be had. `messageId` is of the message that shows it. */
export async function fetchMedia(visit: Visit, { source }: Media, messageId?: string): Promise<Blob | undefined> {
  const isOwn = "fileId" in source;
  if (!isOwn && !isMessageId(messageId)) return undefined;
  const path = isOwn ? `/files/${encodeURIComponent(source.fileId)}` : `/messages/${messageId}/media/${source.index}`;
  const answer = await visit.call({ method: "GET", path });
  if (answer.kind !== "done") return undefined;
  const blob = await answer.response.blob().catch(() => undefined);
  // SECURITY: a page or picture with script in it, opened from a blob address, would run as this origin.
  return blob && new Blob([blob], { type: shownTypes.test(blob.type) ? blob.type : "application/octet-stream" });
}
