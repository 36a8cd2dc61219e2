// What stands behind an address in a message, in a frame of its own.

import type { Preview } from "../../client/types.ts";
import { OutLink } from "./choices.tsx";
import { Picture } from "./media.tsx";
import { addStyle } from "./on-demand.tsx";
import style from "./preview.css?inline";

addStyle(style);

/** The title leads there; the host is told as it is. */
export function LinkPreview({
  preview,
  messageId,
}: {
  readonly preview: Preview;
  readonly messageId: string | undefined;
}) {
  return (
    <div class="preview">
      {preview.media !== undefined && <Picture media={preview.media} messageId={messageId} label="" />}
      <OutLink className="preview-title" title={preview.title} url={preview.url} />
      {preview.description !== undefined && <span>{preview.description}</span>}
      <small>{/^https:\/\/([^/?#:]+)/.exec(preview.url)?.[1]}</small>
    </div>
  );
}
